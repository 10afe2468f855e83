import type { Item } from '../log/item.ts'
import type { DerivedBytes } from '../log/store.ts'
import { AnnalsError, type AuditEvent, type Draft } from '../model/index.ts'
import type { Search, SearchIndex } from '../query/index.ts'

/** Name under which it is kept how far the log was swept. */
const NAME = 'swept'
const PAGE = 1_000
/** Operations without an outcome that are remembered in one walk: of more, the rest waits for the next one. */
const MOST = 100_000
/** What an operation is told to have come to. */
const INTERRUPTED = {
  result: 'unknown',
  code: 'ANNALS_INTERRUPTED',
  message:
    'Whoever recorded the attempt was gone before its outcome. Whether the action happened is not known.',
} as const

/** What a sweeper needs of the log. */
export interface SweeperPorts {
  readonly index: SearchIndex
  /** Entries that are there now. */
  size(): number
  /** Records an outcome; the same idempotency key records once. */
  tell(outcome: Draft): Promise<unknown>
  /** Runs work between two acts: what is erased meanwhile must not be told again in an outcome. */
  between(work: () => Promise<void>): Promise<void>
  readonly derived: DerivedBytes | undefined
  /** Ms since the epoch. */
  now(): number
  readonly report: (error: Error) => void
}

/**
 * Gives each attempt that was left open an outcome `unknown`. Attempts of an earlier opening end at once: one process writes a log,
 * so whoever made them is gone. Where others record through this one, they may still be at work: their attempts end when they are
 * old.
 */
export class Sweeper {
  readonly #ports: SweeperPorts
  readonly #timeoutMs: number | undefined
  /** Entries of earlier openings. */
  readonly #before: number
  /** Operations of this opening that have no outcome yet; undefined once there were too many to know. */
  #open: Set<string> | undefined = new Set()
  /** Every attempt of earlier openings has its outcome. */
  #isDone = false
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closed = false

  /** @param timeoutMs after which an operation of others ends; undefined when nobody else records through this one */
  constructor(ports: SweeperPorts, timeoutMs: number | undefined) {
    this.#ports = ports
    this.#timeoutMs = timeoutMs
    this.#before = ports.size()
  }

  /** Sweeps in the background, and again in time where others record. */
  start(): void {
    this.#running ??= this.#sweep()
      .catch((error: unknown) => {
        // Closing the trail leaves the rest to the next opening.
        const isEnd = this.#closed || (error instanceof AnnalsError && error.code === 'ANNALS_CLOSED')
        if (!isEnd) this.#ports.report(error instanceof Error ? error : new Error(String(error)))
      })
      .finally(() => {
        this.#running = undefined
        if (this.#timeoutMs === undefined || this.#closed) return
        this.#timer = setTimeout(() => this.start(), Math.max(1_000, this.#timeoutMs / 6)).unref()
      })
  }

  /** Takes what has just become durable: what is known to be over need not be looked for by the next opening. */
  offer(items: readonly Item[]): void {
    const open = this.#open
    if (open === undefined) return
    for (const { id, event } of items) {
      if (event.phase === 'attempt') open.add(event.operation ?? id)
      else if (event.phase === 'outcome') open.delete(event.operation ?? id)
    }
    if (open.size > MOST) this.#open = undefined
  }

  /** Keeps that nothing is left open, if that is so, when nothing is recorded any more. */
  async remember(): Promise<void> {
    if (this.#isDone && this.#open?.size === 0) await this.#keep(this.#ports.size())
  }

  /** Resolves when nothing of it goes on. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #sweep(): Promise<void> {
    const from = await this.#keptPosition()
    const to = this.#timeoutMs === undefined ? this.#before : this.#ports.size()
    if (from >= to) {
      this.#isDone = true
      return
    }
    const { open, through } = await this.#openAttempts(from, to)
    let left = through
    for (const index of open) {
      await this.#ports.between(async () => {
        const attempt = this.#closed ? undefined : await this.#at(index)
        if (attempt === undefined) return
        if (!this.#isOver(attempt) || !(await this.#tell(attempt))) left = Math.min(left, index)
      })
    }
    if (this.#closed) return
    this.#isDone = left >= to
    await this.#keep(left)
  }

  /** What cannot be kept is walked again the next time, and nothing is told twice. */
  async #keep(position: number): Promise<void> {
    await this.#ports.derived?.save(NAME, Buffer.from(`${position}\n`)).catch(() => {})
  }

  async #tell(attempt: AuditEvent): Promise<boolean> {
    try {
      await this.#ports.tell(outcomeOf(attempt))
      return true
    } catch (error) {
      // One that the catalog refuses now must not keep the others from being told.
      if (this.#closed) throw error
      this.#ports.report(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }

  /** Positions of the attempts within a range that have no outcome yet. */
  async #openAttempts(
    from: number,
    to: number,
  ): Promise<{ readonly open: Iterable<number>; readonly through: number }> {
    const open = new Map<string, number>()
    const end = this.#ports.size()
    let through = to
    for await (const { phase, operation, index } of this.#events(from, end)) {
      if (phase === 'outcome') open.delete(operation)
      else if (index < through && !open.has(operation)) {
        if (open.size === MOST) through = index
        else open.set(operation, index)
      }
    }
    return { open: open.values(), through }
  }

  async *#events(from: number, to: number): AsyncGenerator<AuditEvent> {
    for (let at: number | undefined = from; at !== undefined && at < to; ) {
      const search: Search = {
        ...SEARCH,
        query: 'phase:attempt OR phase:outcome',
        from: at,
        to,
        patient: at > from,
      }
      const { events, rest } = await this.#ports.index.find(search, 'asc', PAGE, () => !this.#closed)
      if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
      yield* events
      at = rest
    }
  }

  async #at(index: number): Promise<AuditEvent | undefined> {
    const { events } = await this.#ports.index.find(
      { ...SEARCH, query: '', from: index, to: index + 1 },
      'asc',
      1,
    )
    return events[0]
  }

  #isOver({ recordedAt }: AuditEvent): boolean {
    return this.#timeoutMs === undefined || Date.parse(recordedAt) <= this.#ports.now() - this.#timeoutMs
  }

  /** Below it every attempt has its outcome. What cannot be read or is damaged is looked at again. */
  async #keptPosition(): Promise<number> {
    const kept = await this.#ports.derived?.load(NAME)
    const position = kept === undefined ? 0 : Number(Buffer.from(kept).toString())
    return Number.isSafeInteger(position) && position >= 0 && position <= this.#before ? position : 0
  }
}

const SEARCH = { now: 0, timeZone: 'UTC', includeLog: false } as const

/** What is told of an attempt that was left open: found like any outcome, by actor, target and tenant. */
function outcomeOf(attempt: AuditEvent): Draft {
  const { action, operation, actor, targets, origin, tenant, project, tags, topics, retention, visibility } =
    attempt
  return {
    id: `interrupted:${operation}`,
    action,
    phase: 'outcome',
    operation,
    outcome: INTERRUPTED,
    targets,
    origin,
    tenant,
    project,
    tags,
    topics,
    retention,
    visibility,
    // Only the log says that somebody was erased.
    ...(actor.type === 'erased' ? {} : { actor }),
  }
}
