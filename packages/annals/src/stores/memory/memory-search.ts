import { setImmediate } from 'node:timers/promises'
import { searchedSentence } from '../../catalog/index.ts'
import type { Entry } from '../../log/entry.ts'
import type { AuditEvent } from '../../model/index.ts'
import {
  type CompiledSearch,
  type CountedSlice,
  compileSearch,
  type Grouping,
  type Matches,
  type Search,
  type SearchIndex,
  Tally,
} from '../../query/index.ts'
import { MemoryCatalog } from './memory-catalog.ts'
import { eventAt } from './memory-event.ts'
import type { MemoryLog } from './memory-log.ts'

/** Events read for one answer: the application's thread is not held longer. */
const SLICE = 1_000

/** Answers by walking the log with the reference evaluator: slow and right. */
export class MemorySearch implements SearchIndex {
  readonly #log: MemoryLog
  readonly #catalog: MemoryCatalog

  constructor(log: MemoryLog) {
    this.#log = log
    this.#catalog = new MemoryCatalog(log)
  }

  async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
    if (search.patient === true) await setImmediate()
    const { matches, show, withoutParts } = this.#compile(search)
    const [from, to] = this.#range(search)
    const events: AuditEvent[] = []
    const ascending = order === 'asc'
    const most = limit > 0 ? Math.min(to - from, SLICE) : 0
    let scanned = 0
    while (scanned < most && events.length < limit) {
      const event = eventAt(this.#log, ascending ? from + scanned : to - 1 - scanned, withoutParts)
      if (event !== undefined && matches(event)) events.push(show(event))
      scanned++
    }
    const left = limit > 0 && scanned < to - from
    return { events, rest: left ? (ascending ? from + scanned : to - scanned) : undefined, scanned }
  }

  async count(search: Search, groupings: readonly Grouping[]): Promise<CountedSlice> {
    if (search.patient === true) await setImmediate()
    const { matches, show, withoutParts } = this.#compile(search)
    const [from, to] = this.#range(search)
    const tally = new Tally(groupings)
    const end = Math.max(from, to - SLICE)
    for (let index = to - 1; index >= end; index--) {
      const event = eventAt(this.#log, index, withoutParts)
      if (event !== undefined && matches(event)) tally.addEvent(show(event))
    }
    return {
      total: tally.total,
      groupings: tally.groupings.map(({ groups }) => groups),
      rest: end > from ? end : undefined,
      scanned: to - end,
    }
  }

  async position(id: string): Promise<number | undefined> {
    this.#log.requireOpen()
    const index = this.#first(entry => entry.id >= id)
    return index < this.#log.size && this.#log.at(index).entry?.id === id ? index : undefined
  }

  async positionAt(time: number): Promise<number> {
    this.#log.requireOpen()
    return this.#first(entry => entry.recordedAt >= time)
  }

  async keyed(keys: readonly string[]): Promise<readonly (number | undefined)[]> {
    this.#log.requireOpen()
    return keys.map(key => this.#log.keyed(key))
  }

  #compile(search: Search): CompiledSearch {
    this.#log.requireOpen()
    const catalog = this.#catalog.current()
    return compileSearch(search, { sentence: event => searchedSentence(event, catalog) })
  }

  #range(search: Search): readonly [from: number, to: number] {
    const from = Math.max(0, search.from)
    return [from, Math.max(from, Math.min(search.to, this.#log.size))]
  }

  /** First entry that meets a condition which, once met, stays met; the size when none does. Thinned ones are passed over. */
  #first(met: (entry: Entry) => boolean): number {
    let lo = 0
    let hi = this.#log.size
    while (lo < hi) {
      const middle = Math.floor((lo + hi) / 2)
      let at = middle
      while (at < hi && this.#log.at(at).entry === undefined) at++
      const { entry } = at < hi ? this.#log.at(at) : {}
      if (entry === undefined || met(entry)) hi = middle
      else lo = at + 1
    }
    return hi < this.#log.size ? this.#next(hi) : hi
  }

  /** The position itself, or the next one that was not thinned. */
  #next(index: number): number {
    let at = index
    while (at < this.#log.size && this.#log.at(at).entry === undefined) at++
    return at
  }
}
