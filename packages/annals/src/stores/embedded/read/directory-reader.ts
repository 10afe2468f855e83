import { readEntry } from '../../../log/entry.ts'
import type { Chunk } from '../../../log/log-store.ts'
import { AnnalsError, type AuditEvent, type ErrorCode } from '../../../model/index.ts'
import { forgetRemembered, type Grouping } from '../../../query/index.ts'
import type { CountedSlice, Matches, Search } from '../../../query/search-index.ts'
import type { Layout } from '../layout.ts'
import type { SegmentRef } from '../segment-file.ts'
import type { SharedState } from '../shared-state.ts'
import { CatalogView } from './catalog-view.ts'
import { ChunkList } from './chunk-list.ts'
import { countSlice } from './count.ts'
import { decodeEvent } from './decode.ts'
import { entryKey } from './entry-key.ts'
import { findMatches } from './find.ts'
import { forgetPlans, planOf } from './plan.ts'
import { type EntryKey, firstMet, type SegmentRecords } from './segment-records.ts'
import { Segments } from './segments.ts'

/** Most bytes of one answer of `read`. */
const READ_BYTES = 1024 * 1024

/** Errors that no second look at the files makes better. */
const CALLERS_FAULT: readonly ErrorCode[] = ['ANNALS_QUERY', 'ANNALS_INVALID']

/** Records as they lie in the log, back to back. */
export interface RawRecords {
  readonly from: number
  readonly count: number
  readonly bytes: Uint8Array
}

/**
 * Answers every question about a directory, synchronously: in a worker of the writer's process, so that no query runs on
 * the application's thread, or directly in a process that only reads.
 */
export class DirectoryReader {
  readonly #segments: Segments
  #catalog: CatalogView
  readonly #chunks: ChunkList

  constructor(layout: Layout, shared?: SharedState) {
    this.#segments = new Segments(layout, shared)
    this.#chunks = new ChunkList(layout)
    this.#catalog = this.#catalogView()
  }

  /** Entries that can be read now. */
  size(): number {
    return this.#answer(size => size)
  }

  /** Changes when content has gone from the files: what was read before must be forgotten. */
  erasures(): unknown {
    return this.#answer(() => this.#segments.erasures)
  }

  find(search: Search, order: 'asc' | 'desc', limit: number): Matches {
    return this.#answer(size =>
      findMatches(this.#segments, planOf(search, this.#catalog.at(size)), order, limit, time =>
        this.#seek(time),
      ),
    )
  }

  count(search: Search, groupings: readonly Grouping[]): CountedSlice {
    return this.#answer(size =>
      countSlice(this.#segments, planOf(search, this.#catalog.at(size)), groupings, time => this.#seek(time)),
    )
  }

  event(index: number): AuditEvent | undefined {
    return this.#answer(size => {
      if (!(index >= 0 && index < size)) return undefined
      return decodeEvent(index, this.#segments.handle(this.#segments.at(index)).records.record(index))
    })
  }

  /** Ids increase with positions in a log that one writer at a time orders, so a binary search finds one. */
  position(id: string): number | undefined {
    return this.#answer(() => this.#position(id))
  }

  #position(id: string): number | undefined {
    const found = this.#seekKey(key => key.id >= id)
    if (found === undefined) return undefined
    const record = this.#segments.handle(found.ref).records.record(found.index)
    return entryKey(record)?.id === id ? found.index : undefined
  }

  positionAt(time: number): number {
    return this.#answer(() => this.#seek(time))
  }

  keyed(keys: readonly string[]): (number | undefined)[] {
    return this.#answer(size => this.#keyed(keys, size))
  }

  #keyed(keys: readonly string[], size: number): (number | undefined)[] {
    const found = new Map<string, number>()
    for (const { ref, to } of this.#segments.within(0, size).reverse()) {
      if (ref.form === 'spine') continue
      const handle = this.#segments.handle(ref)
      handle.reconsider()
      const statement = handle.statement('SELECT row FROM keyed WHERE key = ?')
      const cover = handle.cover()
      // Beyond the index are the newest records only; they are looked at one by one.
      if (cover.next < to) {
        const wanted = new Set(keys)
        handle.records.walk(cover.next, to, (index, record) => {
          if (record.thinned !== undefined) return
          const { key } = readEntry(record.entry.toString('latin1'))
          if (key !== undefined && wanted.has(key)) found.set(key, index)
        })
      }
      if (statement === undefined) continue
      for (const key of keys) {
        if (found.has(key)) continue
        const row = statement.get(key) as { row: number } | undefined
        if (row !== undefined) found.set(key, ref.first + row.row)
      }
    }
    return keys.map(key => found.get(key))
  }

  /** Records from a position on, at most up to `to` and about a megabyte. */
  read(from: number, to: number): RawRecords {
    return this.#answer(size => this.#read(from, to, size))
  }

  #read(from: number, to: number, size: number): RawRecords {
    const [part] = this.#segments.within(from, Math.min(to, size))
    if (part === undefined) return { from, count: 0, bytes: new Uint8Array(0) }
    const handle = this.#segments.handle(part.ref)
    const pieces: Buffer[] = []
    let bytes = 0
    let count = 0
    for (let index = part.from; index < part.to && bytes < READ_BYTES; index += 64) {
      handle.records.walk(index, Math.min(part.to, index + 64), (_, record) => {
        pieces.push(Buffer.from(record.bytes))
        bytes += record.length
        count++
      })
    }
    return { from: part.from, count, bytes: Uint8Array.from(Buffer.concat(pieces)) }
  }

  /** Every chunk, by position. */
  chunks(): readonly Chunk[] {
    return this.#answer(() => this.#chunks.list(this.#segments))
  }

  close(): void {
    this.#segments.close()
  }

  /** An answer about what is there now. Files that are replaced or overwritten while it is made are read once more. */
  #answer<T>(make: (size: number) => T): T {
    try {
      return make(this.#refresh())
    } catch (error) {
      if (error instanceof AnnalsError && CALLERS_FAULT.includes(error.code)) throw error
      this.#segments.forget()
      return make(this.#refresh())
    }
  }

  #refresh(): number {
    const { erasures } = this.#segments
    const size = this.#segments.refresh()
    if (this.#segments.erasures !== erasures) {
      forgetPlans()
      forgetRemembered()
      this.#catalog = this.#catalogView()
    }
    return size
  }

  #catalogView(): CatalogView {
    return new CatalogView((from, to) => this.#newestCatalog(from, to))
  }

  #seek(time: number): number {
    return this.#seekKey(key => key.time >= time)?.index ?? this.#segments.size
  }

  /**
   * The first entry that meets a condition on what entries are ordered by, among those of which more than a leaf hash may be
   * left; undefined when none does.
   */
  #seekKey(
    met: (key: EntryKey) => boolean,
  ): { readonly ref: SegmentRef; readonly index: number } | undefined {
    const segments = this.#segments.readable()
    const recordsOf = (ref: SegmentRef): SegmentRecords => this.#segments.handle(ref).records
    // A segment whose first entry does not meet it may hold the first that does; all before it do not.
    const after = firstMet(0, segments.length, n => {
      const key = recordsOf(segments[n] as SegmentRef).firstKey()
      return key === undefined || met(key)
    })
    const before = segments[after - 1]
    if (before !== undefined) {
      const end = this.#segments.endOf(before)
      const index = recordsOf(before).seek(end, met)
      if (index < end) return { ref: before, index }
    }
    const next = segments[after]
    return next === undefined ? undefined : { ref: next, index: next.first }
  }

  #newestCatalog(from: number, to: number): AuditEvent | undefined {
    const search: Search = {
      query: 'action:log.catalog',
      now: 0,
      timeZone: 'UTC',
      includeLog: true,
      from,
      to,
    }
    for (let end: number | undefined = to; end !== undefined; ) {
      const plan = planOf({ ...search, to: end }, undefined)
      const { events, rest } = findMatches(this.#segments, plan, 'desc', 1, time => this.#seek(time))
      const found = events.find(({ data }) => data !== undefined)
      if (found !== undefined) return found
      end = rest
    }
    return undefined
  }
}
