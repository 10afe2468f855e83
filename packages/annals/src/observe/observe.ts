import { createHash } from 'node:crypto'
import { AnnalsError, isPlain, type Json } from '../model/index.ts'
import { and, filter, not, printQuery, text } from '../query/index.ts'
import type { Trail } from '../trail/trail.ts'
import { type Difference, differences } from './differences.ts'
import { type KeptState, KeptStates, type Known } from './kept-states.ts'

/** What is observed, and how. */
export interface ObserveOptions<Item> {
  /** Everything there is now. When it rejects nothing is recorded: what could not be listed is not gone. */
  readonly list: (signal: AbortSignal) => Promise<readonly Item[]> | readonly Item[]
  /** What identifies an item, the id of the target; unique. */
  readonly key: (item: Item) => string
  /** Type of the target. */
  readonly type: string
  /** Milliseconds between the end of one poll and the beginning of the next, from 1. */
  readonly every: number
  /** File that keeps the last known states from one run to the next, as they are compared: in plain text. */
  readonly file: string
  /** What of an item is compared and recorded, an object. @defaultValue the whole item */
  readonly state?: ((item: Item) => object) | undefined
  /** Actions of the events. @defaultValue `<type>.observed` for each; the tag `observed` tells them apart */
  readonly actions?: Partial<Record<Difference['kind'], string>> | undefined
  /** Longest wait for `list`, in milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number | undefined
  /** Most items; with more, the poll fails. @defaultValue 100000 */
  readonly maxItems?: number | undefined
  /** Told of polls that failed and of events that were refused; both are tried again. @defaultValue a process warning */
  readonly onError?: ((error: Error) => void) | undefined
}

/** A source of truth that is observed. */
export interface Observation extends AsyncDisposable {
  /** Events recorded so far. */
  readonly recorded: number
  /** Polls that failed, and events that could not be recorded. */
  readonly failed: number
  /** Polls now, or waits for the poll that is under way. Never rejects. */
  poll(): Promise<void>
  /** Polls no more; resolves when the poll under way has ended. */
  stop(): Promise<void>
}

/**
 * Records what changes in a source of truth though no recorded operation explains it: by hand in a console, by another program. An
 * event has the changes with their values before and after, and an unknown actor. Any event about the same target since the poll
 * before explains a change, and so does an attempt that waits for its outcome. The first poll is a baseline and records nothing.
 *
 * @throws TypeError for options that are none; AnnalsError ANNALS_CORRUPT when the file is not one of kept states
 * @example
 * ```ts
 * const observation = await observe(trail, {
 *   list: () => cloud.machines(), key: machine => machine.id, type: 'machine', every: 60_000, file: './machines.json',
 * })
 * ```
 */
export async function observe<Item>(
  trail: Pick<Trail, 'recordAll' | 'find'>,
  options: ObserveOptions<Item>,
): Promise<Observation> {
  const { every, timeoutMs = 60_000 } = options
  for (const [name, ms] of Object.entries({ every, timeoutMs }))
    if (!(ms >= 1 && ms < 2 ** 31)) throw new TypeError(`observe: ${name} ${ms}: milliseconds from 1`)
  const kept = new KeptStates(options.file)
  const observer = new Observer(trail, options, kept, await kept.load())
  void observer.poll()
  return observer
}

class Observer<Item> implements Observation {
  recorded = 0
  failed = 0
  readonly #trail: Pick<Trail, 'recordAll' | 'find'>
  readonly #options: ObserveOptions<Item>
  readonly #kept: KeptStates
  readonly #stopping = new AbortController()
  #known: Known | undefined
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    trail: Pick<Trail, 'recordAll' | 'find'>,
    options: ObserveOptions<Item>,
    kept: KeptStates,
    known: Known | undefined,
  ) {
    this.#trail = trail
    this.#options = options
    this.#kept = kept
    this.#known = known
  }

  poll(): Promise<void> {
    if (this.#stopping.signal.aborted) return this.#running ?? Promise.resolve()
    clearTimeout(this.#timer)
    this.#running ??= this.#poll()
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#fail(error)
      })
      .finally(() => {
        this.#running = undefined
        if (this.#stopping.signal.aborted) return
        this.#timer = setTimeout(() => void this.poll(), this.#options.every)
        this.#timer.unref()
      })
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #poll(): Promise<void> {
    // Before the list: what is recorded while it is made may explain what it shows.
    const { asOf } = await this.#trail.find('', { limit: 0, includeLog: true })
    const found = await this.#list()
    const known = this.#known
    if (known === undefined) {
      await this.#keep(asOf, new Map([...found].map(([key, state]) => [key, { state, at: asOf }])))
      return
    }
    const states = new Map(known.states)
    let [isWhole, isChanged] = [true, known.since !== asOf]
    for (const difference of differences(known.states, found)) {
      isWhole = !this.#stopping.signal.aborted
      // What was recorded so far is kept, and is not recorded again; the rest is found by the next run.
      if (!isWhole) break
      if (!(await this.#settle(difference, known))) continue
      isChanged = true
      const { key, state } = difference
      if (state === undefined) states.delete(key)
      else states.set(key, { state, at: asOf })
    }
    if (isChanged) await this.#keep(isWhole ? asOf : known.since, states)
  }

  async #keep(since: number, states: ReadonlyMap<string, KeptState>): Promise<void> {
    this.#known = { since, states }
    await this.#kept.save(this.#known)
  }

  async #list(): Promise<Map<string, Json>> {
    const { list, key, state, timeoutMs = 60_000, maxItems = 100_000 } = this.#options
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutMs)])
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    // A list that throws at once leaves nobody to wait for it.
    aborted.catch(() => {})
    // Whoever makes the list may not heed the signal.
    const items = await Promise.race([list(signal), aborted])
    if (!Array.isArray(items)) throw new TypeError('observe: list gave no array')
    if (items.length > maxItems) {
      throw new AnnalsError(
        'ANNALS_LIMIT',
        `observe: ${items.length} items, more than maxItems ${maxItems}.`,
        {
          hint: 'Observe them in several parts, or raise maxItems.',
        },
      )
    }
    const found = new Map<string, Json>()
    for (const item of items as readonly Item[]) {
      const id = key(item)
      if (typeof id !== 'string' || id === '') throw new TypeError('observe: key gave no text')
      if (found.has(id)) throw new TypeError(`observe: two items have the key ${JSON.stringify(id)}`)
      // As the file gives it back: dates as text, without members that are undefined.
      const compared: unknown = JSON.parse(JSON.stringify(state === undefined ? item : state(item)) ?? 'null')
      if (!isPlain(compared)) throw new TypeError(`observe: the state of ${JSON.stringify(id)} is no object`)
      found.set(id, compared as Json)
    }
    return found
  }

  /** Whether a difference is explained or recorded now. */
  async #settle(difference: Difference, known: Known): Promise<boolean> {
    if (await this.#isExplained(difference.key, known.since)) return true
    const { kind, key, changes } = difference
    const { type } = this.#options
    const [answer] = await this.#trail.recordAll([
      {
        action: this.#action(kind),
        // The same when it is recorded again after a crash, or after an answer that was lost.
        id: idOf([type, key, kind, known.states.get(key)?.at ?? known.since, changes]),
        // Not that of whoever happens to have started the observer.
        actor: { type: 'unknown', id: '' },
        targets: [{ type, id: key }],
        tags: { observed: kind },
        changes,
      },
    ])
    if (answer === undefined || 'error' in answer) {
      this.#fail(answer?.error)
      return false
    }
    if (answer.level === 'dropped') return false
    if (answer.level !== 'none') this.recorded++
    return true
  }

  /** Whether the newest event about it is of an operation, not an observation, and came since then or is under way. */
  async #isExplained(key: string, since: number): Promise<boolean> {
    const kinds = ['created', 'changed', 'removed'] as const
    const own = new Set(kinds.map(kind => this.#action(kind)))
    const query = printQuery(
      and([
        filter('target', ':', [text(`${this.#options.type}/${key}`, true)]),
        not(filter('action', ':', [...own])),
      ]),
    )
    const { events } = await this.#trail.find(query, { limit: 1, order: 'desc' })
    const [newest] = events
    return newest !== undefined && (newest.index >= since || newest.phase === 'attempt')
  }

  #action(kind: Difference['kind']): string {
    return this.#options.actions?.[kind] ?? `${this.#options.type}.observed`
  }

  #fail(error: unknown): void {
    this.failed++
    const failure = error instanceof Error ? error : new Error(String(error))
    try {
      if (this.#options.onError === undefined) process.emitWarning(failure)
      else this.#options.onError(failure)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    }
  }
}

function idOf(content: unknown): string {
  return `observed:${createHash('sha256').update(JSON.stringify(content)).digest('base64url')}`
}
