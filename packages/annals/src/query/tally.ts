import type { AuditEvent } from '../model/index.ts'
import { type Grouping, type GroupValue, groupValue } from './grouping.ts'
import type { CountedSlice, Group } from './search-index.ts'

/** Groups of one grouping. */
export interface TalliedGroups {
  /** Largest first. */
  readonly groups: readonly Group[]
  /** Events of the groups that are not kept, because there were as many as are kept when they were first met. */
  readonly other: number
}

type Values = Group['values']

/** Counts events by several groupings in one go. A grouping of no field has the total alone. */
export class Tally {
  readonly #groupings: readonly Groups[]
  #total = 0

  /**
   * @param most groups of a grouping that are kept
   * @throws AnnalsError ANNALS_QUERY for a field that cannot be grouped by
   */
  constructor(groupings: readonly Grouping[], most: number = Number.POSITIVE_INFINITY) {
    this.#groupings = groupings.map(by => new Groups(by.map(groupValue), most))
  }

  get total(): number {
    return this.#total
  }

  get groupings(): readonly TalliedGroups[] {
    return this.#groupings.map(groups => groups.result())
  }

  addEvent(event: AuditEvent): void {
    this.#total++
    for (const groups of this.#groupings) groups.addEvent(event)
  }

  /** Adds so many events that are alike: `values` tells those of each grouping. */
  addAlike(count: number, values: (grouping: number) => Values): void {
    this.#total += count
    for (const [nth, groups] of this.#groupings.entries()) groups.add(values(nth), count)
  }

  addSlice({ total, groupings }: CountedSlice): void {
    this.#total += total
    for (const [nth, groups] of this.#groupings.entries())
      for (const { values, count } of groupings[nth] ?? []) groups.add(values, count)
  }
}

class Groups {
  readonly #values: readonly GroupValue[]
  readonly #most: number
  readonly #groups = new Map<string, { readonly values: Values; count: number }>()
  #other = 0

  constructor(values: readonly GroupValue[], most: number) {
    this.#values = values
    this.#most = most
  }

  addEvent(event: AuditEvent): void {
    if (this.#values.length === 0) return
    this.add(
      this.#values.map(value => value(event)),
      1,
    )
  }

  add(values: Values, count: number): void {
    if (values.length === 0) return
    const [first] = values
    const name = values.length === 1 ? `${first === null ? '-' : '+'}${first}` : JSON.stringify(values)
    const group = this.#groups.get(name)
    if (group !== undefined) group.count += count
    else if (this.#groups.size < this.#most) this.#groups.set(name, { values, count })
    else this.#other += count
  }

  result(): TalliedGroups {
    const groups = [...this.#groups.values()].sort(
      (a, b) => b.count - a.count || (String(a.values) < String(b.values) ? -1 : 1),
    )
    return { groups, other: this.#other }
  }
}
