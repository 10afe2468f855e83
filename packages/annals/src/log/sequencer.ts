import { AnnalsError } from '../model/index.ts'
import { Acknowledger } from './acknowledger.ts'
import { Appender, type AppendMark, type OpenChunk } from './appender.ts'
import { type ClockJump, type Clocks, LogClock } from './clock.ts'
import type { Item } from './item.ts'
import { KeyTwins, type TwinVerdict } from './key-twins.ts'
import type { TreeMark } from './leaf-tree.ts'
import type { Batch, Head } from './log-store.ts'
import { OpenChunks } from './open-chunks.ts'
import { Outstanding } from './outstanding.ts'
import { overloaded, SEQUENCER_LIMITS, type SequencerLimits, timedOut } from './sequencer-limits.ts'
import type { Store } from './store.ts'
import { storeError } from './store-error.ts'
import { SubjectKeys } from './subject-keys.ts'
import { IdSequence } from './uuid.ts'

/** Most events, and about as many bytes, that one fdatasync makes durable. */
const BATCH_EVENTS = 4_096
const BATCH_BYTES = 8 * 1024 * 1024

/** Whom the sequencer tells. None may throw. */
export interface SequencerListener {
  /** These items are durable; the tree up to and with them is `tree`. Called in order. */
  durable(items: readonly Item[], tree: TreeMark): void
  /** The clock stepped forward by more than is believed at once. */
  clockJumped(jump: ClockJump): void
  /** The caller of this item had stopped waiting when it became durable. */
  notAwaited(item: Item): void
  /**
   * A chunk ends here, and everything in it is durable: signs and keeps the checkpoint over exactly these entries. When that
   * fails the chunk goes on.
   */
  chunkEnded(): Promise<void>
  /**
   * Compares a new item with what was recorded under its idempotency key: the recorded id, or a conflict; undefined when the
   * entry was thinned, so that the key is free.
   */
  duplicate(item: Item, index: number): Promise<{ readonly id: string } | AnnalsError | undefined>
}

/** Why an append failed. */
export interface AppendFailure {
  readonly error: AnnalsError
  /** Milliseconds since the epoch. */
  readonly at: number
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
  readonly #subjects: SubjectKeys
  readonly #twins: KeyTwins
  readonly #acknowledger: Acknowledger
  readonly #queue: Item[] = []
  #draining = false
  /** Items off the queue whose keys are being looked up. */
  #preparing: readonly Item[] = []
  readonly #chunks: OpenChunks
  /** State at the end of the batch in flight, or of the last durable one. */
  #mark: AppendMark
  #flight: Flight | undefined
  #scheduled = false
  #landed: (() => void)[] = []
  #failure: AppendFailure | undefined
  readonly #outstanding = new Outstanding()
  readonly #checkMs: number
  #timer: NodeJS.Timeout | undefined
  #isExpiring = false
  #closed = false

  constructor(
    store: Store,
    head: Head,
    listener: SequencerListener,
    limits: Partial<SequencerLimits> = {},
    clocks: Clocks = {},
  ) {
    this.#store = store
    this.#listener = listener
    this.#limits = { ...SEQUENCER_LIMITS, ...limits }
    this.#checkMs = this.#limits.checkMs ?? Math.max(10, this.#limits.patienceMs / 20)
    this.#appender = new Appender(head.tree, new IdSequence(head.lastId), store.identity.source)
    this.#clock = new LogClock({ ...clocks, last: head.lastTime, onJump: jump => listener.clockJumped(jump) })
    this.#subjects = new SubjectKeys(store.keys)
    this.#twins = new KeyTwins(store.search, (item, index) => listener.duplicate(item, index))
    this.#acknowledger = new Acknowledger(item => this.#settle(item, false))
    this.#mark = this.#appender.mark()
    this.#chunks = new OpenChunks(store.keys, store.identity.period, head.chunk)
  }

  /** Events accepted and not yet durable. */
  get outstanding(): number {
    return this.#outstanding.count
  }

  /** Why the last append failed; undefined once one has succeeded. */
  get failure(): AppendFailure | undefined {
    return this.#failure
  }

  /** The time that an entry would be recorded at now, ms since the epoch: never decreasing, and not fooled by a jump of the clock. */
  now(): number {
    return this.#clock.now()
  }

  /** Ends the open chunk before the next entry, as a change of the period does. */
  endChunk(): void {
    this.#chunks.end()
  }

  /** Takes an event over; its waiter is told once. */
  submit(item: Item): void {
    if (this.#closed) {
      item.refuse(
        new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again to record.' }),
      )
      return
    }
    if (
      this.#outstanding.count >= this.#limits.outstanding ||
      this.#outstanding.bytes >= this.#limits.outstandingBytes
    ) {
      item.refuse(overloaded(this.#outstanding.count))
      return
    }
    this.submitLast(item)
  }

  /** Takes over what an event of before entails: also beyond the bounds, and while `close` waits. */
  submitLast(item: Item): void {
    this.#outstanding.add(item)
    this.#timer ??= setInterval(() => this.#expire(), this.#checkMs).unref()
    if (!this.#draining && this.#appendNow(item)) this.#schedule()
    else {
      this.#queue.push(item)
      if (!this.#draining) void this.#drain()
    }
  }

  /** Nobody waits for this item any more: it is withdrawn unless it is with the store. */
  giveUp(item: Item): void {
    item.since = Number.NEGATIVE_INFINITY
    if (item.index >= 0) this.#appender.hurry()
    if (this.#isExpiring) return
    this.#isExpiring = true
    // Once for all that are given up together.
    queueMicrotask(() => {
      this.#isExpiring = false
      this.#expire()
    })
  }

  /**
   * Resolves when everything that came before has its answer; what comes meanwhile is not waited for.
   *
   * @throws AnnalsError ANNALS_TIMEOUT naming how many events the store has not answered for
   */
  async settled(): Promise<void> {
    await this.#outstanding.settled(this.#limits.patienceMs * 1.2)
  }

  /** From here on no retired or punctured secret is used; resolves when everything that was recorded before is durable. */
  async forgetKeys(): Promise<void> {
    this.#subjects.forget()
    await this.#chunks.reload()
    await this.settled()
  }

  /**
   * Refuses what comes from now on, and waits for what came before, but for no longer than any event may wait.
   *
   * @throws AnnalsError ANNALS_TIMEOUT naming how many events the store has not answered for
   */
  async close(): Promise<void> {
    this.#closed = true
    try {
      await this.settled()
      // What an unawaited event entails came after it.
      if (this.#outstanding.count > 0) await this.settled()
    } finally {
      clearInterval(this.#timer)
    }
  }

  /** Appends an item that needs nothing looked up; false when it must queue. */
  #appendNow(item: Item): boolean {
    const { event } = item
    if (event.key !== undefined || this.#full()) return false
    const time = this.#clock.now()
    const chunk = this.#chunks.at(time, this.#appender.size)
    if (chunk?.walks.has(event.retention) !== true) return false
    if (event.persons !== undefined && !this.#subjects.fromCache(item)) return false
    this.#append(item, chunk, time)
    return true
  }

  #append(item: Item, chunk: OpenChunk, time: number): void {
    try {
      this.#appender.append(item, chunk, time)
      this.#chunks.appended(item.event.action, time)
    } catch (cause) {
      this.#refuse(item, new AnnalsError('ANNALS_LIMIT', 'The event does not fit the log format.', { cause }))
    }
  }

  #full(): boolean {
    return this.#appender.count >= BATCH_EVENTS || this.#appender.bytes >= BATCH_BYTES
  }

  /** Works the queue off in order, looking up together what many items need. Never rejects. */
  async #drain(): Promise<void> {
    this.#draining = true
    while (this.#queue.length > 0) {
      const items = this.#queue.splice(0, BATCH_EVENTS)
      this.#preparing = items
      try {
        for (const [item, verdict] of await this.#twins.find(items)) this.#obey(item, verdict)
        await this.#subjects.resolve(items)
        await this.#appendAll(items)
      } catch (error) {
        const failure = storeError(error)
        for (const item of items) if (item.index < 0 && !item.settled) this.#refuse(item, failure)
      }
      this.#preparing = []
      this.#schedule()
    }
    this.#draining = false
  }

  async #appendAll(items: readonly Item[]): Promise<void> {
    const seen = new Map<string, Item>()
    for (const item of items) {
      if (item.settled) continue
      const verdict = this.#twins.judge(item, seen)
      if (verdict !== undefined) {
        this.#obey(item, verdict)
        continue
      }
      while (this.#full()) await this.#flushed()
      const chunk = this.#chunks.at(this.#clock.now(), this.#appender.size) ?? (await this.#openChunk())
      if (!chunk.walks.has(item.event.retention)) await this.#chunks.addClass(chunk, item.event.retention)
      if (item.settled) continue
      this.#append(item, chunk, this.#clock.now())
      if (item.event.key === undefined || item.settled) continue
      this.#twins.add(item)
      seen.set(item.event.key, item)
    }
  }

  #obey(item: Item, verdict: TwinVerdict): void {
    if (verdict instanceof AnnalsError) this.#refuse(item, verdict)
    else if ('follow' in verdict) {
      verdict.follow.followers ??= []
      verdict.follow.followers.push(item)
    } else {
      item.id = verdict.id
      item.index = verdict.index
      this.#settle(item, true)
    }
  }

  /** A batch never spans chunks: what was appended to the last one is written first. */
  async #openChunk(): Promise<OpenChunk> {
    while (this.#appender.count > 0 || this.#flight !== undefined) await this.#flushed()
    if (this.#chunks.ends(this.#clock.now())) {
      try {
        await this.#listener.chunkEnded()
      } catch {
        this.#chunks.goOn(this.#clock.now())
        const chunk = this.#chunks.current
        if (chunk !== undefined) return chunk
      }
    }
    return await this.#chunks.open(this.#clock.now(), this.#appender.size)
  }

  #schedule(): void {
    if (this.#scheduled || this.#flight !== undefined) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Resolves when the batch in flight, or the one that is being filled, has been written or has failed. */
  async #flushed(): Promise<void> {
    if (this.#flight === undefined && this.#appender.count === 0) return
    this.#schedule()
    await new Promise<void>(resolve => this.#landed.push(resolve))
  }

  #flush(): void {
    if (this.#flight !== undefined) return
    this.#withdrawExpired()
    if (this.#appender.count === 0) {
      this.#land()
      return
    }
    const { batch, items } = this.#appender.take()
    const after = this.#appender.mark()
    const flight: Flight = { batch, items, before: this.#mark, after: after.tree }
    this.#flight = flight
    this.#mark = after
    this.#store.log.append(batch).then(
      () => this.#committed(flight),
      error => this.#failed(flight, storeError(error)),
    )
  }

  #committed({ batch, items, after }: Flight): void {
    this.#flight = undefined
    this.#failure = undefined
    for (const item of items) this.#twins.remove(item)
    this.#listener.durable(items, after)
    this.#appender.release(batch)
    if (this.#appender.count > 0) this.#flush()
    this.#land()
    this.#acknowledger.add(items)
  }

  /** Takes back what was written in vain and everything appended since, which was hashed on top of it. */
  #failed({ batch, items, before }: Flight, error: AnnalsError): void {
    this.#flight = undefined
    this.#failure = { error, at: this.#clock.now() }
    const later = this.#appender.restore(before)
    this.#mark = before
    this.#appender.release(batch)
    for (const item of [...items, ...later]) {
      item.index = -1
      this.#twins.remove(item)
      this.#refuse(item, error)
    }
    this.#land()
  }

  #land(): void {
    const landed = this.#landed
    this.#landed = []
    for (const resolve of landed) resolve()
  }

  #settle(item: Item, duplicate: boolean): void {
    this.#outstanding.forget(item)
    const followers = item.takeFollowers()
    // Whoever came later with the same key may still wait for it.
    if (item.notAwaited && followers.every(follower => follower.settled)) this.#listener.notAwaited(item)
    else item.recorded(duplicate)
    for (const follower of followers) {
      follower.id = item.id
      follower.index = item.index
      this.#settle(follower, true)
    }
  }

  #refuse(item: Item, error: AnnalsError): void {
    this.#outstanding.forget(item)
    item.refuse(error)
    for (const follower of item.takeFollowers()) this.#refuse(follower, error)
  }

  /** Answers those who have waited too long. What was handed to the store can only be disowned; the rest is withdrawn. */
  #expire(): void {
    if (this.#outstanding.count === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const due = performance.now() - this.#limits.patienceMs
    for (const item of [...this.#preparing, ...this.#queue]) {
      if (item.since < due && !item.settled && item.index < 0)
        this.#refuse(item, timedOut(this.#limits.patienceMs, false))
    }
    for (const item of this.#flight?.items ?? []) {
      for (const follower of item.followers ?? [])
        if (follower.since < due && !follower.settled)
          this.#refuse(follower, timedOut(this.#limits.patienceMs, true))
      // Whoever tries again and again while the store is silent must not pile up.
      item.followers = item.followers?.filter(follower => !follower.settled)
      if (item.since >= due || item.settled) continue
      item.notAwaited = true
      item.refuse(timedOut(this.#limits.patienceMs, true))
    }
    this.#withdrawExpired()
  }

  /** Builds the waiting batch anew without the items that have waited too long. */
  #withdrawExpired(): void {
    const due = performance.now() - this.#limits.patienceMs
    if (!this.#appender.hasOlderThan(due)) return
    for (const item of this.#appender.restore(this.#mark)) {
      // With its time of before: by now its chunk may have ended.
      if (item.since >= due) this.#append(item, this.#chunks.current as OpenChunk, item.recordedAt)
      else {
        item.index = -1
        this.#twins.remove(item)
        this.#refuse(item, timedOut(this.#limits.patienceMs, false))
      }
    }
  }
}
