import { AnnalsError } from '../model/index.ts'
import { type AppendMark, Appender, type OpenChunk } from './appender.ts'
import { type ClockJump, LogClock } from './clock.ts'
import type { Digest } from './digest.ts'
import { GgmWalk } from './ggm.ts'
import type { Item } from './item.ts'
import type { Person, SubjectKey } from './key-store.ts'
import type { TreeMark } from './leaf-tree.ts'
import type { Batch, Head } from './log-store.ts'
import { periodEnd } from './period.ts'
import type { Store } from './store.ts'
import { SubjectCache } from './subject-cache.ts'
import { IdSequence } from './uuid.ts'

/** Bounds of the sequencer. */
export interface SequencerLimits {
  /** Events that may wait for durability before ANNALS_OVERLOADED. @defaultValue 65536 */
  readonly outstanding: number
  /** Bytes that may wait for durability before ANNALS_OVERLOADED. @defaultValue 128 MiB */
  readonly outstandingBytes: number
  /** Longest wait of one event, in milliseconds. @defaultValue 5000 */
  readonly patienceMs: number
}

/** The shipped bounds. */
export const SEQUENCER_LIMITS: SequencerLimits = {
  outstanding: 65_536,
  outstandingBytes: 128 * 1024 * 1024,
  patienceMs: 5_000,
}

/** Most events, and about as many bytes, that one fdatasync makes durable. */
const BATCH_EVENTS = 4_096
const BATCH_BYTES = 8 * 1024 * 1024
/** Acknowledging in slices keeps the event loop responsive under load. */
const ACKNOWLEDGE = 256
const CHUNK_ENTRIES = 2 ** 32

/** Whom the sequencer tells. None may throw. */
export interface SequencerListener {
  /** These items are durable; the tree up to and with them is `tree`. Called in order. */
  durable(items: readonly Item[], tree: TreeMark): void
  /** The clock stepped forward by more than is believed at once. */
  clockJumped(jump: ClockJump): void
  /** The caller of this item had stopped waiting when it became durable. */
  notAwaited(item: Item): void
  /** Compares a new item with what was recorded under its idempotency key: the recorded id, or a conflict. */
  duplicate(item: Item, index: number): Promise<{ readonly id: string } | AnnalsError>
}

interface Flight {
  readonly batch: Batch
  readonly items: readonly Item[]
  readonly after: TreeMark
  /** State to return to when the write fails. */
  readonly before: AppendMark
}

/**
 * The one writer of a log: gives positions, times and ids, and makes events durable in groups. One append is in flight;
 * what arrives meanwhile is the next batch. An event whose keys are at hand is hashed and appended at once; one that needs
 * a look-up (new person, idempotency key, new chunk) waits in a queue, and everything after it too, so that order holds.
 */
export class Sequencer {
  readonly #store: Store
  readonly #listener: SequencerListener
  readonly #limits: SequencerLimits
  readonly #appender: Appender
  readonly #clock: LogClock
  readonly #subjects = new SubjectCache()
  readonly #queue: Item[] = []
  /** Idempotency keys of items that are not durable yet. */
  readonly #recent = new Map<string, Item>()
  #chunk: OpenChunk | undefined
  #chunkEnds = 0
  #chunkTime: { readonly lo: number; readonly time: number } | undefined
  #mark: AppendMark
  #flight: Flight | undefined
  #scheduled = false
  #draining: Promise<void> | undefined
  #outstanding = 0
  #outstandingBytes = 0
  #acknowledging: Item[] = []
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []
  #closed = false

  constructor(store: Store, head: Head, listener: SequencerListener, limits: Partial<SequencerLimits> = {}) {
    this.#store = store
    this.#listener = listener
    this.#limits = { ...SEQUENCER_LIMITS, ...limits }
    this.#appender = new Appender(head.tree, new IdSequence(head.lastId), store.identity.source)
    this.#clock = new LogClock({ last: head.lastTime, onJump: jump => listener.clockJumped(jump) })
    this.#mark = this.#appender.mark()
    this.#chunkTime = head.chunk
    if (head.chunk !== undefined) this.#chunkEnds = periodEnd(store.identity.period, head.chunk.time)
  }

  /** Events accepted and not yet durable. */
  get outstanding(): number {
    return this.#outstanding
  }

  /** Takes an event over; its waiter is told once. */
  submit(item: Item): void {
    if (this.#closed) {
      item.refuse(new AnnalsError('ANNALS_CLOSED', 'The trail is closed; open it again to record.'))
      return
    }
    if (this.#outstanding >= this.#limits.outstanding || this.#outstandingBytes >= this.#limits.outstandingBytes) {
      item.refuse(
        new AnnalsError('ANNALS_OVERLOADED', `${this.#outstanding} events wait to become durable, which is the limit.`, {
          hint: 'Record more slowly, or use recordAll in batches.',
        }),
      )
      return
    }
    this.#outstanding++
    this.#outstandingBytes += item.weight
    this.#timer ??= setInterval(() => this.#expire(), Math.max(10, this.#limits.patienceMs / 20)).unref()
    if (this.#queue.length === 0 && this.#draining === undefined && this.#appendNow(item)) this.#schedule()
    else {
      this.#queue.push(item)
      this.#draining ??= this.#drain().finally(() => {
        this.#draining = undefined
        this.#notifyIdle()
      })
    }
  }

  /** Resolves when nothing is outstanding. */
  async settled(): Promise<void> {
    if (this.#outstanding === 0) return
    await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  /** Refuses what comes from now on, and waits for what came before. */
  async close(): Promise<void> {
    this.#closed = true
    await this.settled()
    clearInterval(this.#timer)
  }

  /** Appends an item that needs nothing looked up; false when it must queue. */
  #appendNow(item: Item): boolean {
    const { event } = item
    if (event.key !== undefined || this.#full()) return false
    const time = this.#clock.now()
    if (!this.#chunkOpenAt(time) || this.#chunk?.walks.has(event.retention) !== true) return false
    if (event.persons !== undefined && !this.#keysFromCache(item)) return false
    this.#append(item, this.#chunk, time)
    return true
  }

  #append(item: Item, chunk: OpenChunk, time: number): void {
    try {
      this.#appender.append(item, chunk, time)
    } catch (cause) {
      this.#refuse(item, new AnnalsError('ANNALS_LIMIT', 'The event does not fit the log format.', { cause }))
    }
  }

  #full(): boolean {
    return this.#appender.count >= BATCH_EVENTS || this.#appender.bytes >= BATCH_BYTES
  }

  #chunkOpenAt(time: number): boolean {
    return this.#chunk !== undefined && time < this.#chunkEnds && this.#appender.size - this.#chunk.lo < CHUNK_ENTRIES
  }

  #keysFromCache(item: Item): boolean {
    const keys: SubjectKey[][] = []
    for (const persons of item.event.persons ?? []) {
      const found: SubjectKey[] = []
      for (const person of persons) {
        const key = this.#subjects.get(person)
        if (key === undefined) return false
        found.push(key)
      }
      keys.push(inKeyOrder(found))
    }
    item.keys = keys
    return true
  }

  /** Works the queue off in order, looking up together what many items need. */
  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const items = this.#queue.splice(0, BATCH_EVENTS)
      try {
        await this.#resolveKeys(items)
        await this.#resolveSubjects(items)
        const twins = new Map<string, Item>()
        for (const item of items) {
          if (item.settled) continue
          if (this.#followTwin(item, twins)) continue
          while (this.#full()) await this.#flushed()
          const time = this.#clock.now()
          if (!this.#chunkOpenAt(time)) await this.#openChunk(time)
          const chunk = this.#chunk as OpenChunk
          if (!chunk.walks.has(item.event.retention)) await this.#addClass(chunk, item.event.retention)
          if (item.settled) continue
          this.#append(item, chunk, this.#clock.now())
          if (item.event.key !== undefined && !item.settled) {
            this.#recent.set(item.event.key, item)
            twins.set(item.event.key, item)
          }
        }
        this.#schedule()
      } catch (error) {
        const failure = storeError(error)
        for (const item of items) if (item.index < 0 && !item.settled) this.#refuse(item, failure)
      }
    }
  }

  /** Settles items whose idempotency key is already in the log. */
  async #resolveKeys(items: readonly Item[]): Promise<void> {
    const asked: Item[] = []
    for (const item of items) {
      const { key } = item.event
      if (key === undefined || item.settled) continue
      item.twin = this.#recent.get(key)
      if (item.twin === undefined) asked.push(item)
    }
    if (asked.length === 0) return
    const positions = await this.#store.search.keyed(asked.map(item => item.event.key as string))
    for (const [i, item] of asked.entries()) {
      const index = positions[i]
      if (index === undefined || item.settled) continue
      const answer = await this.#listener.duplicate(item, index)
      if (answer instanceof AnnalsError) this.#refuse(item, answer)
      else {
        item.id = answer.id
        item.index = index
        this.#settle(item, true)
      }
    }
  }

  async #resolveSubjects(items: readonly Item[]): Promise<void> {
    const missing = new Map<string, Person>()
    for (const item of items) {
      if (item.settled) continue
      for (const persons of item.event.persons ?? []) {
        for (const person of persons) {
          if (this.#subjects.get(person) === undefined) missing.set(`${person.type}\0${person.id}`, person)
        }
      }
    }
    const found = new Map<string, SubjectKey>()
    if (missing.size > 0) {
      const persons = [...missing.values()]
      const keys = await this.#store.keys.subjectKeys(persons)
      let i = 0
      for (const name of missing.keys()) {
        const key = keys[i] as SubjectKey
        found.set(name, key)
        this.#subjects.set(persons[i++] as Person, key)
      }
    }
    for (const item of items) {
      if (item.settled || item.event.persons === undefined) continue
      item.keys = item.event.persons.map(persons =>
        inKeyOrder(persons.map(p => found.get(`${p.type}\0${p.id}`) ?? (this.#subjects.get(p) as SubjectKey))),
      )
    }
  }

  /** Lets an item share the fate of one in memory with the same idempotency key. */
  #followTwin(item: Item, twins: ReadonlyMap<string, Item>): boolean {
    if (item.event.key === undefined) return false
    const twin = item.twin ?? twins.get(item.event.key) ?? this.#recent.get(item.event.key)
    if (twin === undefined || (twin.settled && twin.index < 0)) return false
    if (!sameContent(item, twin)) this.#refuse(item, conflict(item, twin.index))
    else if (twin.index >= 0 && this.#recent.get(item.event.key) !== twin) {
      item.id = twin.id
      item.index = twin.index
      this.#settle(item, true)
    } else {
      twin.followers ??= []
      twin.followers.push(item)
    }
    return true
  }

  async #openChunk(time: number): Promise<void> {
    await this.#flushed()
    while (this.#appender.count > 0 || this.#flight !== undefined) await this.#flushed()
    const { period } = this.#store.identity
    const resumed = this.#chunk === undefined && this.#chunkTime !== undefined && time < this.#chunkEnds
    const lo = resumed ? (this.#chunkTime as { lo: number }).lo : this.#appender.size
    const classes = [...(this.#chunk?.walks.keys() ?? []), 'standard', 'ledger']
    const seeds = await this.#store.keys.chunkSeeds(lo, [...new Set(classes)])
    this.#chunk = { lo, walks: walksOf(seeds) }
    this.#chunkEnds = periodEnd(period, resumed ? (this.#chunkTime as { time: number }).time : time)
  }

  async #addClass(chunk: OpenChunk, retention: string): Promise<void> {
    const seeds = await this.#store.keys.chunkSeeds(chunk.lo, [retention])
    for (const [name, walk] of walksOf(seeds)) chunk.walks.set(name, walk)
  }

  #schedule(): void {
    if (this.#scheduled || this.#flight !== undefined) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Resolves when the batch that is being filled, or the one in flight, has been written. */
  async #flushed(): Promise<void> {
    if (this.#flight === undefined && this.#appender.count === 0) return
    this.#schedule()
    await new Promise<void>(resolve => this.#landed.push(resolve))
  }
  #landed: (() => void)[] = []

  #flush(): void {
    if (this.#flight !== undefined) return
    this.#withdrawExpired()
    if (this.#appender.count === 0) {
      this.#land()
      return
    }
    const { batch, items } = this.#appender.take()
    const flight: Flight = { batch, items, before: this.#mark, after: this.#appender.mark().tree }
    this.#flight = flight
    this.#mark = this.#appender.mark()
    this.#store.log.append(batch).then(
      () => this.#committed(flight),
      error => this.#failed(flight, storeError(error)),
    )
  }

  #committed(flight: Flight): void {
    this.#flight = undefined
    this.#appender.release(flight.batch)
    for (const item of flight.items) if (item.event.key !== undefined) this.#recent.delete(item.event.key)
    this.#listener.durable(flight.items, flight.after)
    if (this.#appender.count > 0) this.#flush()
    this.#land()
    this.#acknowledge(flight.items)
  }

  /** Takes back what was written in vain and everything appended since, which was hashed on top of it. */
  #failed(flight: Flight, error: AnnalsError): void {
    this.#flight = undefined
    const later = this.#appender.restore(flight.before)
    this.#mark = flight.before
    this.#appender.release(flight.batch)
    for (const item of [...flight.items, ...later]) {
      item.index = -1
      if (item.event.key !== undefined) this.#recent.delete(item.event.key)
      this.#refuse(item, error)
    }
    this.#land()
  }

  #land(): void {
    const landed = this.#landed
    this.#landed = []
    for (const resolve of landed) resolve()
  }

  #acknowledge(items: readonly Item[]): void {
    if (this.#acknowledging.length === 0 && items.length <= ACKNOWLEDGE) {
      for (const item of items) this.#settle(item, false)
      this.#notifyIdle()
      return
    }
    const running = this.#acknowledging.length > 0
    for (const item of items) this.#acknowledging.push(item)
    if (!running) this.#acknowledgeSlice()
  }

  #acknowledgeSlice(): void {
    for (const item of this.#acknowledging.splice(0, ACKNOWLEDGE)) this.#settle(item, false)
    if (this.#acknowledging.length > 0) setImmediate(() => this.#acknowledgeSlice())
    else this.#notifyIdle()
  }

  #settle(item: Item, duplicate: boolean): void {
    this.#forget(item)
    if (item.notAwaited) this.#listener.notAwaited(item)
    else item.recorded(duplicate)
    for (const follower of item.followers ?? []) {
      follower.id = item.id
      follower.index = item.index
      this.#settle(follower, true)
    }
    item.followers = undefined
  }

  #refuse(item: Item, error: AnnalsError): void {
    this.#forget(item)
    item.refuse(error)
    for (const follower of item.followers ?? []) this.#refuse(follower, error)
    item.followers = undefined
    this.#notifyIdle()
  }

  #forget(item: Item): void {
    this.#outstanding--
    this.#outstandingBytes -= item.weight
  }

  #notifyIdle(): void {
    if (this.#outstanding > 0 || this.#idle.length === 0) return
    const idle = this.#idle
    this.#idle = []
    for (const resolve of idle) resolve()
  }

  /** Answers those who have waited too long. What was not handed to the store is withdrawn. */
  #expire(): void {
    if (this.#outstanding === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const due = performance.now() - this.#limits.patienceMs
    for (const item of this.#queue) if (item.since < due && !item.settled) this.#refuse(item, timeout(this.#limits, false))
    for (const item of this.#flight?.items ?? []) {
      if (item.since >= due || item.settled) continue
      item.notAwaited = true
      item.refuse(timeout(this.#limits, true))
    }
    if (this.#flight !== undefined) this.#withdrawExpired()
  }

  /** Builds the waiting batch anew without the items whose callers have been told that they wait no longer. */
  #withdrawExpired(): void {
    const due = performance.now() - this.#limits.patienceMs
    if (!this.#appender.hasOlderThan(due)) return
    const items = this.#appender.restore(this.#mark)
    for (const item of items) {
      if (item.since < due) {
        item.index = -1
        if (item.event.key !== undefined) this.#recent.delete(item.event.key)
        this.#refuse(item, timeout(this.#limits, false))
      } else this.#append(item, this.#chunk as OpenChunk, this.#clock.now())
    }
  }
}

function walksOf(seeds: ReadonlyMap<string, Digest>): Map<string, GgmWalk> {
  return new Map([...seeds].map(([name, seed]) => [name, new GgmWalk(seed)]))
}

/** Keys ordered by id, duplicates removed. */
function inKeyOrder(keys: SubjectKey[]): SubjectKey[] {
  if (keys.length < 2) return keys
  keys.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return keys.filter((key, i) => i === 0 || key.id !== (keys[i - 1] as SubjectKey).id)
}

function sameContent(a: Item, b: Item): boolean {
  return contentOf(a, a.event.timeless || b.event.timeless) === contentOf(b, a.event.timeless || b.event.timeless)
}

/** What two uses of one idempotency key must agree in, as text. */
export function contentOf(item: { readonly event: Pick<Item['event'], 'action' | 'phase' | 'retention' | 'operation' | 'parts' | 'content'> }, timeless: boolean): string {
  const { event } = item
  const head = [event.action, event.phase, event.content.outcome.result, event.retention]
  const parts = event.parts.map(p => (timeless ? p.json.replace(/"occurredAt":"[^"]*"/, '') : p.json))
  return JSON.stringify([head, parts])
}

function conflict(item: Item, index: number): AnnalsError {
  return new AnnalsError(
    'ANNALS_CONFLICT',
    `The idempotency key was used for another event${index >= 0 ? ` (position ${index})` : ''}, whose content differs.`,
    { path: item.event.content.source === undefined ? '/id' : '/source/id', hint: 'Use a new key for a new event.' },
  )
}

function timeout(limits: SequencerLimits, sent: boolean): AnnalsError {
  return new AnnalsError(
    'ANNALS_TIMEOUT',
    sent
      ? `Not durable within ${limits.patienceMs} ms. If the write still succeeds, an outcome "denied" with code ANNALS_NOT_AWAITED follows it.`
      : `Not durable within ${limits.patienceMs} ms; the event was withdrawn.`,
    { hint: 'The action must not happen. Check the disk, then try again.' },
  )
}

/** A failure of a store as the caller sees it. */
export function storeError(error: unknown): AnnalsError {
  if (error instanceof AnnalsError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AnnalsError('ANNALS_DISK_FULL', 'No space is left on the device that holds the log.', {
      cause: error,
      hint: 'Free some space; recording goes on by itself.',
    })
  }
  return new AnnalsError('ANNALS_STORE', `The store failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
}

