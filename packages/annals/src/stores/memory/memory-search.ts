import { setImmediate } from 'node:timers/promises'
import { searchedSentence } from '../../catalog/index.ts'
import type { Entry } from '../../log/entry.ts'
import type { AuditEvent } from '../../model/index.ts'
import { groupValue } from '../../query/grouping.ts'
import {
  type CountedGroups,
  type Matches,
  matcher,
  parseQuery,
  resolveQuery,
  type Search,
  type SearchIndex,
} from '../../query/index.ts'
import { MemoryCatalog } from './memory-catalog.ts'
import { eventAt } from './memory-event.ts'
import type { MemoryLog } from './memory-log.ts'

/** Events read for one page, and between two breaths of a count: the application's thread is not held longer. */
const BUDGET = 10_000

/** Answers by walking the log with the reference evaluator: slow and right. */
export class MemorySearch implements SearchIndex {
  readonly #log: MemoryLog
  readonly #catalog: MemoryCatalog

  constructor(log: MemoryLog) {
    this.#log = log
    this.#catalog = new MemoryCatalog(log)
  }

  async find(search: Search, order: 'asc' | 'desc', limit: number): Promise<Matches> {
    const matches = this.#matcher(search)
    const [from, to] = this.#range(search)
    const events: AuditEvent[] = []
    const ascending = order === 'asc'
    const most = limit > 0 ? Math.min(to - from, BUDGET) : 0
    let scanned = 0
    while (scanned < most && events.length < limit) {
      const event = eventAt(this.#log, ascending ? from + scanned : to - 1 - scanned)
      if (event !== undefined && matches(event)) events.push(event)
      scanned++
    }
    const left = limit > 0 && scanned < to - from
    return { events, rest: left ? (ascending ? from + scanned : to - scanned) : undefined, scanned }
  }

  async count(search: Search, by: readonly string[]): Promise<CountedGroups> {
    const matches = this.#matcher(search)
    const [from, to] = this.#range(search)
    const values = by.map(groupValue)
    const groups = new Map<string, { readonly values: readonly (string | null)[]; count: number }>()
    let total = 0
    for (let index = from; index < to; index++) {
      if ((index - from) % BUDGET === BUDGET - 1) await setImmediate()
      const event = eventAt(this.#log, index)
      if (event === undefined || !matches(event)) continue
      total++
      if (by.length === 0) continue
      const key = values.map(value => value(event))
      const name = JSON.stringify(key)
      const group = groups.get(name)
      if (group === undefined) groups.set(name, { values: key, count: 1 })
      else group.count++
    }
    const sorted = [...groups.values()].sort(
      (a, b) => b.count - a.count || (String(a.values) < String(b.values) ? -1 : 1),
    )
    return { total, groups: sorted }
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

  #matcher(search: Search): (event: AuditEvent) => boolean {
    this.#log.requireOpen()
    const { query, now, timeZone, me, includeLog } = search
    const catalog = this.#catalog.current()
    const resolved = resolveQuery(parseQuery(query), { now, timeZone, me })
    return matcher(resolved, { includeLog, sentence: event => searchedSentence(event, catalog) })
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
