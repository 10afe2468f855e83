import { readEntry } from '../../../log/entry.ts'
import type { AuditEvent } from '../../../model/index.ts'
import type { CountedGroups, Matches, Search } from '../../../query/search-index.ts'
import type { Layout } from '../layout.ts'
import type { SharedState } from '../shared-state.ts'
import { CatalogView } from './catalog-view.ts'
import { countGroups } from './count.ts'
import { decodeEvent } from './decode.ts'
import { findMatches } from './find.ts'
import { planOf } from './plan.ts'
import { Segments } from './segments.ts'

/** Most bytes of one answer of `read`. */
const READ_BYTES = 1024 * 1024

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
  readonly #catalog: CatalogView

  constructor(layout: Layout, shared?: SharedState) {
    this.#segments = new Segments(layout, shared)
    this.#catalog = new CatalogView((from, to) => this.#logEvents('log.catalog', from, to))
  }

  /** Entries that can be read now. */
  size(): number {
    return this.#segments.refresh()
  }

  find(search: Search, order: 'asc' | 'desc', limit: number): Matches {
    this.#segments.refresh()
    return findMatches(
      this.#segments,
      planOf(search, this.#catalog.at(this.#segments.size)),
      order,
      limit,
      time => this.#seek(time),
    )
  }

  count(search: Search, by: readonly string[]): CountedGroups {
    this.#segments.refresh()
    return countGroups(this.#segments, planOf(search, this.#catalog.at(this.#segments.size)), by, time =>
      this.#seek(time),
    )
  }

  event(index: number): AuditEvent | undefined {
    if (!(index >= 0 && index < this.#segments.refresh())) return undefined
    return decodeEvent(index, this.#segments.handle(this.#segments.at(index)).record(index).record)
  }

  /** Ids increase with positions in a log that one writer at a time orders, so a binary search finds one. */
  position(id: string): number | undefined {
    const index = this.#first(this.#segments.refresh(), at => this.#entry(at).id >= id)
    return index < this.#segments.size && this.#entry(index).id === id ? index : undefined
  }

  positionAt(time: number): number {
    this.#segments.refresh()
    return this.#seek(time)
  }

  keyed(keys: readonly string[]): (number | undefined)[] {
    const size = this.#segments.refresh()
    const found = new Map<string, number>()
    for (const { ref, to } of this.#segments.within(0, size).reverse()) {
      const handle = this.#segments.handle(ref)
      handle.reconsider()
      const statement = handle.statement('SELECT row FROM keyed WHERE key = ?')
      const cover = handle.cover()
      // Beyond the index are the newest records only; they are looked at one by one.
      if (cover.next < to) {
        const wanted = new Set(keys)
        handle.view.walk(cover.next, cover.offset, to, (index, record) => {
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
    const size = this.#segments.refresh()
    const [part] = this.#segments.within(from, Math.min(to, size))
    if (part === undefined) return { from, count: 0, bytes: new Uint8Array(0) }
    const handle = this.#segments.handle(part.ref)
    const pieces: Buffer[] = []
    let bytes = 0
    let count = 0
    let offset = handle.offsetOf(part.from)
    for (let index = part.from; index < part.to && bytes < READ_BYTES; index += 64) {
      offset = handle.view.walk(index, offset, Math.min(part.to, index + 64), (_, record) => {
        pieces.push(Buffer.from(record.bytes))
        bytes += record.length
        count++
      })
    }
    return { from: part.from, count, bytes: Uint8Array.from(Buffer.concat(pieces)) }
  }

  close(): void {
    this.#segments.close()
  }

  #seek(time: number): number {
    return this.#first(this.#segments.size, at => this.#entry(at).recordedAt >= time)
  }

  #entry(index: number): ReturnType<typeof readEntry> {
    return readEntry(
      this.#segments.handle(this.#segments.at(index)).record(index).record.entry.toString('latin1'),
    )
  }

  /** First position below `size` that meets a condition which, once met, stays met. */
  #first(size: number, met: (index: number) => boolean): number {
    let lo = 0
    let hi = size
    while (lo < hi) {
      const middle = Math.floor((lo + hi) / 2)
      if (met(middle)) hi = middle
      else lo = middle + 1
    }
    return lo
  }

  #logEvents(action: string, from: number, to: number): readonly AuditEvent[] {
    const search: Search = { query: `action:${action}`, now: 0, timeZone: 'UTC', includeLog: true, from, to }
    return findMatches(this.#segments, planOf(search, undefined), 'desc', 1, time => this.#seek(time)).events
  }
}
