import { AnnalsError, type AuditEvent } from '../model/index.ts'
import type { Search, SearchIndex } from '../query/index.ts'
import type { LiveSource, Tap } from './feed.ts'

const PAGE = 256
/** Longest delay of a timer: setTimeout takes a 32-bit number of milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1

/** What one reader reads. */
export interface Reading {
  /** Query and bounds; `to` is infinite for a live reader without an end. */
  readonly search: Search
  readonly order: 'asc' | 'desc'
  /** Most events, possibly infinite. */
  readonly limit: number
  /** Goes on live after the stored events; ascending only. */
  readonly follow: boolean
  /** A live reader ends at this time, ms since the epoch, without needing an event to notice. */
  readonly endsAt?: number | undefined
  readonly matches: (event: AuditEvent) => boolean
  readonly signal?: AbortSignal | undefined
}

/** What a reader reads from. */
export interface ReaderHost {
  readonly index: SearchIndex
  readonly live: LiveSource
  /** Brings an event to the shape the caller sees. */
  present(event: AuditEvent): AuditEvent
}

/** A reader that gives events several at a time, for those who pass many on: one promise for all that are there. */
export interface BatchReader {
  /**
   * The next events, oldest first as `next()` of an iterator would give them one by one.
   *
   * @param most so many at most, from 1
   * @returns at least one event; none when the reading has ended
   */
  nextBatch(most: number): Promise<readonly AuditEvent[]>
  /**
   * Of an ascending reading: everything below was looked at, and what matches was given. Whoever reads on from here misses nothing
   * and gets nothing twice, also when the reading has ended.
   */
  readonly position: number
  /** Ends it at once; who waits is answered. */
  end(): void
}

type Next = IteratorResult<AuditEvent, undefined>
interface Waiting {
  /** Most events it takes. */
  readonly most: number
  /** Takes events; none when the reading has ended. */
  readonly give: (events: readonly AuditEvent[]) => void
  readonly reject: (error: unknown) => void
}
const DONE: Next = { done: true, value: undefined }

/**
 * One reader: replays what is stored, then, when it follows, delivers what comes. It is no generator, because `return()` of
 * a waiting generator would wait as well: ending this one frees it at once.
 */
export class EventReader implements AsyncIterableIterator<AuditEvent, undefined>, BatchReader {
  readonly #reading: Reading
  readonly #host: ReaderHost
  readonly #onEnd: (reader: EventReader) => void
  readonly #waiting: Waiting[] = []
  readonly #abort = (): void => this.end()
  #page: readonly AuditEvent[] = []
  #at = 0
  /** Erasures before the page was read. */
  #erasures: unknown
  /** Next position (ascending), or the one after it (descending). */
  #from: number
  #to: number
  #left: number
  #tap: Tap | undefined
  #timer: NodeJS.Timeout | undefined
  #timeUp = false
  #pumping = false
  /** Asked to pump while it was pumping: the end of that may have come too early to notice. */
  #again = false
  #ended = false
  /** Where it was when it ended. */
  #endedAt = 0
  #error: unknown

  constructor(reading: Reading, host: ReaderHost, onEnd: (reader: EventReader) => void) {
    this.#reading = reading
    this.#host = host
    this.#onEnd = onEnd
    this.#from = reading.search.from
    this.#to = reading.follow ? reading.search.to : Math.min(reading.search.to, host.live.size())
    this.#left = reading.limit
    if (reading.signal?.aborted === true) this.end()
    else reading.signal?.addEventListener('abort', this.#abort, { once: true })
  }

  get ended(): boolean {
    return this.#ended
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get position(): number {
    if (this.#ended) return this.#endedAt
    const next = this.#page[this.#at]
    if (next !== undefined) return next.index
    const isLive = this.#tap !== undefined && this.#from >= this.#replayTo
    return Math.min(Math.max(this.#from, isLive ? (this.#tap?.seen ?? 0) : 0), this.#to)
  }

  next(): Promise<Next> {
    return new Promise((resolve, reject) => {
      const give = ([event]: readonly AuditEvent[]): void =>
        resolve(event === undefined ? DONE : { done: false, value: event })
      this.#waiting.push({ most: 1, give, reject })
      this.#pump()
    })
  }

  nextBatch(most: number): Promise<readonly AuditEvent[]> {
    if (!Number.isInteger(most) || most < 1) throw new TypeError(`nextBatch ${most}: a whole number from 1`)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ most, give: resolve, reject })
      this.#pump()
    })
  }

  return(): Promise<Next> {
    this.end()
    this.#error = undefined
    return Promise.resolve(DONE)
  }

  /**
   * Ends the reader, and nothing of it stays behind.
   *
   * @param error what whoever reads on is told; without one, "done"
   */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#endedAt = this.position
    this.#ended = true
    this.#error = error
    this.#page = []
    this.#tap?.close()
    clearTimeout(this.#timer)
    this.#reading.signal?.removeEventListener('abort', this.#abort)
    this.#answer()
    this.#onEnd(this)
  }

  /** Ends it because its log is closed. Only a live reader expects that: another would take what it has for everything. */
  close(): void {
    const exhausted = this.#page[this.#at] === undefined && this.#from >= this.#to
    if (this.#reading.follow || this.#left <= 0 || exhausted) this.end()
    else
      this.end(
        new AnnalsError('ANNALS_CLOSED', 'The trail was closed before everything was read.', {
          hint: 'Open it again to read.',
        }),
      )
  }

  #answer(): void {
    const error = this.#error
    for (const { give, reject } of this.#waiting.splice(0)) {
      if (error === undefined) give([])
      else reject(error)
    }
  }

  #pump(): void {
    this.#again = this.#pumping
    if (this.#pumping) return
    this.#pumping = true
    this.#run().then(
      () => {
        this.#pumping = false
        if (this.#again) this.#pump()
      },
      error => {
        this.#pumping = false
        this.end(error)
      },
    )
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#ended || this.#left <= 0) {
        this.#finish()
        return
      }
      this.#forgetErased()
      if (this.#page[this.#at] !== undefined) this.#give()
      else if (!(await this.#fill())) return
    }
  }

  /** Answers who has waited longest with what is there. */
  #give(): void {
    const [waiting] = this.#waiting
    const count = Math.min(waiting?.most ?? 0, this.#left, this.#page.length - this.#at)
    const events = this.#page.slice(this.#at, this.#at + count).map(event => this.#host.present(event))
    this.#at += count
    this.#left -= count
    this.#waiting.shift()?.give(events)
  }

  /** Lets go of what was read ahead when content was erased since: it is read again, as it is now. */
  #forgetErased(): void {
    const next = this.#page[this.#at]
    if (next === undefined || this.#erasures === this.#host.live.erasures()) return
    this.#page = []
    if (this.#reading.order === 'desc') this.#to = next.index + 1
    else {
      this.#replayTo = Math.max(this.#replayTo, this.#from)
      this.#from = next.index
    }
  }

  /** Gets the next page. False when there is nothing to give now: the reader has ended, or waits for news. */
  async #fill(): Promise<boolean> {
    this.#erasures = this.#host.live.erasures()
    if (!this.#reading.follow) return await this.#replay(this.#to)
    if (this.#tap === undefined) {
      // Listen first, then replay up to there: nothing is missed or seen twice at the switch.
      // What passes the end wakes it as well: nothing that matches can follow.
      this.#tap = this.#host.live.tap(
        event => event.index + 1 >= this.#to || this.#reading.matches(event),
        () => this.#pump(),
      )
      this.#replayTo = this.#host.live.size()
      this.#armEnd()
    }
    if (this.#from < Math.min(this.#replayTo, this.#to)) {
      if (await this.#replay(Math.min(this.#replayTo, this.#to))) return true
      if (this.#ended) return false
    }
    if (this.#from >= this.#to) return this.#finish()
    const news = this.#tap.take()
    if (news === undefined) return this.#timeUp ? this.#finish() : false
    if (news.events === undefined) this.#replayTo = Math.max(this.#replayTo, news.through)
    else {
      const events = news.events.filter(
        event =>
          event.index >= this.#from &&
          event.index < this.#to &&
          this.#inTime(event) &&
          (event.index + 1 < this.#to || this.#reading.matches(event)),
      )
      this.#page = events
      this.#at = 0
      this.#from = Math.max(this.#from, news.through)
    }
    return true
  }
  #replayTo = 0
  /** It has read from the index: what it reads on gives way to others. */
  #begun = false

  /** Reads the next page of the stored range; true when it has events. */
  async #replay(to: number): Promise<boolean> {
    const { search, order } = this.#reading
    while (!this.#ended) {
      if (this.#from >= to) return this.#reading.follow ? false : this.#finish()
      const limit = Math.min(PAGE, this.#left)
      const asked = { ...search, from: this.#from, to, patient: this.#begun }
      const found = await this.#host.index.find(asked, order, limit, () => !this.#ended)
      this.#begun = true
      if (order === 'asc') this.#from = found.rest ?? to
      else {
        this.#to = found.rest ?? this.#from
        to = this.#to
      }
      if (found.events.length > 0) {
        this.#page = found.events
        this.#at = 0
        return true
      }
    }
    return false
  }

  #finish(): false {
    this.end()
    this.#answer()
    return false
  }

  #inTime(event: AuditEvent): boolean {
    const { endsAt } = this.#reading
    return endsAt === undefined || Date.parse(event.recordedAt) < endsAt
  }

  #armEnd(): void {
    const { endsAt } = this.#reading
    if (endsAt === undefined) return
    const left = endsAt - Date.now()
    if (left <= 0) {
      this.#timeUp = true
      return
    }
    this.#timer = setTimeout(
      () => {
        this.#armEnd()
        this.#pump()
      },
      Math.min(left, LONGEST_DELAY),
    )
  }
}

/** Checks a limit as callers may give it. */
export function checkLimit(limit: number | undefined, absent: number): number {
  if (limit === undefined) return absent
  if (!Number.isInteger(limit) || limit < 0) {
    throw new AnnalsError('ANNALS_INVALID', `limit ${limit}: must be a whole number, 0 or more.`, {
      path: '/limit',
    })
  }
  return limit
}
