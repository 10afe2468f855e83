import type { AuditEvent } from '../../model/index.ts'
import type { Search } from '../../query/index.ts'
import type { SearchIndex } from '../../query/search-index.ts'

/** Events of one answer of the index. */
const PAGE = 256

/** Every match of a search, ascending, page by page. */
export async function* matchesOf(index: SearchIndex, search: Search): AsyncGenerator<AuditEvent, void> {
  for (let from: number | undefined = search.from; from !== undefined && from < search.to; ) {
    const { events, rest } = await index.find({ ...search, from, patient: from > search.from }, 'asc', PAGE)
    yield* events
    from = rest
  }
}

/** A position whose entry goes into the bundle. */
export interface Wanted {
  readonly index: number
  /** It is one of the events that were asked for. */
  readonly event: boolean
}

/** Positions that are wanted besides those asked for, found while going up; each is above the one that asks for it. */
export class DuePositions {
  readonly #due: number[] = []

  /** First that is due. */
  get first(): number {
    return this.#due[0] ?? Number.POSITIVE_INFINITY
  }

  add(index: number): void {
    let at = this.#due.length
    while (at > 0 && (this.#due[at - 1] as number) > index) at--
    if (this.#due[at - 1] !== index) this.#due.splice(at, 0, index)
  }

  take(): number | undefined {
    return this.#due.shift()
  }
}

/** Merges matches, all of a range, and what is due, ascending and each once. */
export async function* wantedPositions(
  matches: AsyncIterator<number, void>,
  range: { readonly from: number; readonly to: number } | undefined,
  due: DuePositions,
): AsyncGenerator<Wanted, void> {
  let match = await matches.next()
  let next = range?.from ?? Number.POSITIVE_INFINITY
  for (;;) {
    const matched = match.done === true ? Number.POSITIVE_INFINITY : match.value
    const index = Math.min(matched, next, due.first)
    if (index === Number.POSITIVE_INFINITY) return
    if (index === next) next = index + 1 < (range?.to ?? 0) ? index + 1 : Number.POSITIVE_INFINITY
    if (index === due.first) due.take()
    if (index === matched) match = await matches.next()
    yield { index, event: index === matched }
  }
}
