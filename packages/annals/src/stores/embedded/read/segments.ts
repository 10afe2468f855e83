import { readerTrustsOpenIndexes } from '../boot.ts'
import type { Layout } from '../layout.ts'
import { listSegments, SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import { SegmentHandle } from './segment-handle.ts'

/** Segments kept open at a time; each costs two or three file descriptors and a small cache. */
const MOST_OPEN = 64

/** The segments of a directory, and how much of them may be read now. */
export class Segments {
  readonly #layout: Layout
  readonly #shared: SharedState | undefined
  #refs: readonly SegmentRef[] = []
  #known = { count: 0, offset: SEGMENT_HEADER }
  #size = 0
  /** Bytes of the newest segment that hold whole appends. */
  #whole = SEGMENT_HEADER
  /** Most recently used last. */
  readonly #open = new Map<number, SegmentHandle>()

  /** @param shared the writer's state when it is in this process; otherwise the files are looked at */
  constructor(layout: Layout, shared: SharedState | undefined) {
    this.#layout = layout
    this.#shared = shared
  }

  /** Entries that may be read, as of the last `refresh`. */
  get size(): number {
    return this.#size
  }

  /** Looks for what is new. */
  refresh(): number {
    if (this.#shared !== undefined) {
      const { size, segment, offset } = this.#shared.read()
      if (size > 0 && this.#refs.at(-1)?.first !== segment) this.#refs = listSegments(this.#layout.chunks)
      this.#size = size
      this.#whole = offset
      return size
    }
    const last = this.#refs.at(-1)
    this.#refs = listSegments(this.#layout.chunks)
    const newest = this.#refs.at(-1)
    if (newest === undefined) return 0
    if (newest.first !== last?.first || this.#forgetRemoved(newest.first))
      this.#known = { count: 0, offset: SEGMENT_HEADER }
    if (this.#known.count === 0) this.#known = this.#startingPoint(newest)
    this.#known = this.handle(newest).view.extend(this.#known.count, this.#known.offset)
    this.#size = newest.first + this.#known.count
    this.#whole = this.#known.offset
    return this.#size
  }

  /** A segment that a crash left without an entry is removed by the next writer, and may be begun again under its name. */
  #forgetRemoved(first: number): boolean {
    const handle = this.#open.get(first)
    if (handle?.view.removed !== true) return false
    this.#open.delete(first)
    handle.close()
    return true
  }

  /** Segments that hold positions of `from` to `to`, oldest first, each with the part of the range in it. */
  within(
    from: number,
    to: number,
  ): { readonly ref: SegmentRef; readonly from: number; readonly to: number; readonly full: boolean }[] {
    const found: { ref: SegmentRef; from: number; to: number; full: boolean }[] = []
    for (const [i, ref] of this.#refs.entries()) {
      const next = this.#refs[i + 1]
      const end = Math.min(next?.first ?? this.#size, this.#size)
      const lo = Math.max(from, ref.first)
      const hi = Math.min(to, end)
      if (lo < hi) found.push({ ref, from: lo, to: hi, full: next !== undefined })
    }
    return found
  }

  /** The segment that holds a position below the size. */
  at(index: number): SegmentRef {
    const [found] = this.within(index, index + 1)
    if (found === undefined) throw new RangeError(`position ${index} is not below ${this.#size}`)
    return found.ref
  }

  handle(ref: SegmentRef): SegmentHandle {
    let handle = this.#open.get(ref.first)
    if (handle === undefined) {
      handle = new SegmentHandle(
        ref,
        // The writer has thrown away what cannot be believed before it reads.
        () => this.#shared !== undefined || readerTrustsOpenIndexes(this.#layout),
      )
      if (this.#open.size >= MOST_OPEN) {
        const [oldest] = this.#open
        if (oldest !== undefined) {
          this.#open.delete(oldest[0])
          oldest[1].close()
        }
      }
    } else this.#open.delete(ref.first)
    this.#open.set(ref.first, handle)
    handle.view.whole = ref.first === this.#refs.at(-1)?.first ? this.#whole : Number.POSITIVE_INFINITY
    return handle
  }

  close(): void {
    for (const handle of this.#open.values()) handle.close()
    this.#open.clear()
  }

  /** Where an index has already been, so that the newest segment need not be walked from its beginning. */
  #startingPoint(ref: SegmentRef): { count: number; offset: number } {
    const cover = this.handle(ref).cover()
    return { count: cover.next - ref.first, offset: cover.offset }
  }
}
