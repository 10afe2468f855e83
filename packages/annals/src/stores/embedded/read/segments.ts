import { existsSync } from 'node:fs'
import { readerTrustsOpenIndexes } from '../boot.ts'
import { erasureEpoch } from '../erase/erasures.ts'
import type { Layout } from '../layout.ts'
import { listSegments, SEGMENT_HEADER, type SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import { SegmentHandle } from './segment-handle.ts'
import { WrittenRecords } from './written-records.ts'

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
  /** Replacements of files in the writer's directory that are known here. */
  #replaced = 0
  /** Erasures that are known here. */
  #erasures: number | string | undefined
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

  /** Changes when content has gone from the files. */
  get erasures(): number | string | undefined {
    return this.#erasures
  }

  /** Lets go of everything that is open or in memory. */
  forget(): void {
    this.close()
    this.#refs = []
  }

  /** Looks for what is new, and whether something of what was read must be forgotten. */
  refresh(): number {
    const erasures = this.#shared?.erasures ?? erasureEpoch(this.#layout)
    if (this.#erasures !== erasures) this.forget()
    this.#erasures = erasures
    if (this.#shared !== undefined) {
      const { size, segment, offset } = this.#shared.read()
      const replaced = this.#shared.replaced
      if (this.#replaced !== replaced) this.close()
      if (size > 0 && (this.#refs.at(-1)?.first !== segment || this.#replaced !== replaced)) this.#relist()
      this.#replaced = replaced
      this.#size = size
      this.#whole = offset
      return size
    }
    const last = this.#refs.at(-1)
    this.#relist()
    const newest = this.#refs.at(-1)
    if (newest === undefined) return 0
    if (newest.first !== last?.first || !this.#open.has(newest.first))
      this.#known = { count: 0, offset: SEGMENT_HEADER }
    const { records } = this.handle(newest)
    if (records instanceof WrittenRecords) {
      if (this.#known.count === 0) this.#known = this.#startingPoint(newest)
      const check = existsSync(this.#layout.erasing) ? 'none' : 'header'
      this.#known = records.view.extend(this.#known.count, this.#known.offset, check)
      this.#size = newest.first + this.#known.count
    } else this.#size = records.end
    this.#whole = this.#known.offset
    return this.#size
  }

  /** Lists the files anew, and lets go of those that are no longer there: what they held may have had to be erased. */
  #relist(): void {
    this.#refs = listSegments(this.#layout.chunks)
    for (const [first, handle] of this.#open) {
      if (!handle.replaced) continue
      this.#open.delete(first)
      handle.close()
    }
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

  /** Segments of which more than leaf hashes is left, by position. */
  readable(): readonly SegmentRef[] {
    return this.#refs.filter(ref => ref.form !== 'spine')
  }

  /** Position after the last of a segment. */
  endOf(ref: SegmentRef): number {
    const after = this.#refs[this.#refs.findIndex(({ first }) => first === ref.first) + 1]
    return after?.first ?? this.#size
  }

  /** The segment, open for reading in the form it has now: that which was listed may have been replaced since. */
  handle(ref: SegmentRef): SegmentHandle {
    let handle = this.#open.get(ref.first)
    this.#open.delete(ref.first)
    if (handle?.replaced === true) {
      handle.close()
      handle = undefined
    }
    handle ??= this.#openHandle(ref)
    if (this.#open.size >= MOST_OPEN) {
      const [oldest] = this.#open
      if (oldest !== undefined) {
        this.#open.delete(oldest[0])
        oldest[1].close()
      }
    }
    this.#open.set(ref.first, handle)
    if (handle.records instanceof WrittenRecords) {
      const newest = ref.first === this.#refs.at(-1)?.first
      handle.records.view.whole = newest ? this.#whole : Number.POSITIVE_INFINITY
    }
    return handle
  }

  #openHandle(ref: SegmentRef): SegmentHandle {
    // The writer has thrown away what cannot be believed before it reads. What is being erased an index may not know yet.
    const trusts = (): boolean =>
      this.#shared !== undefined ||
      (!existsSync(this.#layout.erasing) && readerTrustsOpenIndexes(this.#layout))
    for (let at = ref; ; ) {
      try {
        return new SegmentHandle(at, trusts)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
        this.#refs = listSegments(this.#layout.chunks)
        const now = this.#refs.find(({ first }) => first === ref.first)
        // Forms only ever go one way, so this ends.
        if (now === undefined || now.path === at.path) throw error
        at = now
      }
    }
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
