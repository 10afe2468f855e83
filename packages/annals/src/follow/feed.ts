import type { AuditEvent } from '../model/index.ts'

/** Events that a slow consumer may have waiting; beyond it they are read from the log again when it comes to them. */
export const FEED_BUFFER = 1_024

/** What became of the log since a reader looked. */
export type News =
  /** These events match, and everything below `through` has been seen. */
  | { readonly events: readonly AuditEvent[]; readonly through: number }
  /** Look for yourself up to `through`. */
  | { readonly events: undefined; readonly through: number }

/** A reader's ear on a log. */
export interface Tap {
  /** What came since the last call; undefined when nothing did. */
  take(): News | undefined
  /** Everything below was looked at, and nothing of it waits to be taken; 0 where that is not known. */
  readonly seen: number
  close(): void
}

/** Where live readers learn of growth. */
export interface LiveSource {
  /** Entries that can be read now. */
  size(): number
  /** Readers that listen now. */
  readonly listeners: number
  /** Changes when content was erased: what was read ahead must be read again. */
  erasures(): unknown
  /**
   * Listens from now on.
   *
   * @param matches which events are worth waking for
   * @param wake called, at most once between two `take`, when there is news
   */
  tap(matches: (event: AuditEvent) => boolean, wake: () => void): Tap
}

/** Hands new events to live readers in this process, each at most a bounded number ahead of its consumer. */
export class Feed implements LiveSource {
  readonly #taps = new Set<FeedTap>()
  readonly #erasures: () => unknown
  #size: number

  /** @param erasures changes when content was erased */
  constructor(size: number, erasures: () => unknown = () => 0) {
    this.#size = size
    this.#erasures = erasures
  }

  get listeners(): number {
    return this.#taps.size
  }

  size(): number {
    return this.#size
  }

  erasures(): unknown {
    return this.#erasures()
  }

  tap(matches: (event: AuditEvent) => boolean, wake: () => void): Tap {
    const tap = new FeedTap(matches, wake, this.#erasures, closed => this.#taps.delete(closed))
    this.#taps.add(tap)
    return tap
  }

  /**
   * Tells that the log has grown.
   *
   * @param events makes the new events; called only when someone listens
   */
  grew(size: number, events: () => readonly AuditEvent[]): void {
    this.#size = size
    if (this.#taps.size === 0) return
    const fresh = events()
    for (const tap of this.#taps) tap.offer(fresh, size)
  }
}

class FeedTap implements Tap {
  readonly #matches: (event: AuditEvent) => boolean
  readonly #wake: () => void
  readonly #erasures: () => unknown
  readonly #onClose: (tap: FeedTap) => void
  #events: AuditEvent[] = []
  /** Erasures before the events that wait came. */
  #since: unknown
  #overflowed = false
  #through = 0
  #woken = false

  constructor(
    matches: (event: AuditEvent) => boolean,
    wake: () => void,
    erasures: () => unknown,
    onClose: (tap: FeedTap) => void,
  ) {
    this.#matches = matches
    this.#wake = wake
    this.#erasures = erasures
    this.#onClose = onClose
  }

  offer(events: readonly AuditEvent[], through: number): void {
    this.#through = through
    if (!this.#overflowed) {
      if (this.#events.length === 0) this.#since = this.#erasures()
      for (const event of events) if (this.#matches(event)) this.#events.push(event)
      if (this.#events.length > FEED_BUFFER) {
        this.#overflowed = true
        this.#events = []
      }
    }
    if (!this.#woken && (this.#overflowed || this.#events.length > 0)) {
      this.#woken = true
      this.#wake()
    }
  }

  get seen(): number {
    return this.#overflowed || this.#events.length > 0 ? 0 : this.#through
  }

  take(): News | undefined {
    this.#woken = false
    const events = this.#events
    this.#events = []
    // What was erased since must not be delivered: whoever listens reads it again, as it is now.
    if (this.#overflowed || (events.length > 0 && this.#since !== this.#erasures())) {
      this.#overflowed = false
      return { events: undefined, through: this.#through }
    }
    return events.length === 0 ? undefined : { events, through: this.#through }
  }

  close(): void {
    this.#onClose(this)
  }
}
