import { fieldNamed } from './find-field.ts'
import type { Resolved, ResolvedFilter, Test } from './resolved.ts'

/** Half-open; the ends may be infinite. Empty when `from >= to`. */
export type Bounds = readonly [from: number, to: number]

/** Where the matches of a query can lie: each match lies within all of it. */
export interface ResolvedBounds {
  /** Positions in the log. */
  readonly index: Bounds
  /** Milliseconds since the epoch of recordedAt. */
  readonly recorded: Bounds
  /** Milliseconds since the epoch of occurredAt. */
  readonly occurred: Bounds
  /** When set, every match has one of these ids. */
  readonly ids?: readonly string[]
}

const END = Number.POSITIVE_INFINITY
const ANYWHERE: ResolvedBounds = {
  index: [0, END],
  recorded: [-END, END],
  occurred: [-END, END],
}
const NOWHERE: ResolvedBounds = { index: [0, 0], recorded: [0, 0], occurred: [0, 0], ids: [] }

/**
 * Bounds on position, times and ids that follow from a query, so that a store can seek. They may be wider than the
 * matches, never narrower.
 *
 * @example
 * ```ts
 * resolvedBounds(resolveQuery(parseQuery('index:10..20 actor:a'), { now: 0 })).index // [10, 20]
 * ```
 */
export function resolvedBounds(query: Resolved): ResolvedBounds {
  switch (query.kind) {
    case 'all':
    case 'words':
    case 'not':
      return ANYWHERE
    case 'and':
      return query.of.map(resolvedBounds).reduce(intersect, ANYWHERE)
    case 'or':
      return unite(query.of.map(resolvedBounds))
    case 'filter':
      return unite(query.tests.map(test => testBounds(query, test)))
  }
}

function testBounds(filter: ResolvedFilter, test: Test): ResolvedBounds {
  const field = fieldNamed(filter.field)
  if (field.name === 'id') return test.how === 'equals' ? { ...ANYWHERE, ids: [test.text] } : ANYWHERE
  if (field.kind === 'time' && test.how === 'range')
    return { ...ANYWHERE, [field.time]: [test.from, test.to] }
  return field.name === 'index' ? { ...ANYWHERE, index: positions(test) } : ANYWHERE
}

function positions(test: Test): Bounds {
  if (test.how === 'range') return [Math.max(0, test.from), test.to]
  if (test.how !== 'compare') return ANYWHERE.index
  switch (test.op) {
    case '=':
      return [test.value, test.value + 1]
    case '>':
      return [test.value + 1, END]
    case '>=':
      return [test.value, END]
    case '<':
      return [0, test.value]
    case '<=':
      return [0, test.value + 1]
  }
}

function intersect(a: ResolvedBounds, b: ResolvedBounds): ResolvedBounds {
  const ids = a.ids && b.ids ? a.ids.filter(id => b.ids?.includes(id)) : (a.ids ?? b.ids)
  return {
    index: overlap(a.index, b.index),
    recorded: overlap(a.recorded, b.recorded),
    occurred: overlap(a.occurred, b.occurred),
    ...(ids && { ids }),
  }
}

function overlap(a: Bounds, b: Bounds): Bounds {
  return [Math.max(a[0], b[0]), Math.min(a[1], b[1])]
}

function unite(all: readonly ResolvedBounds[]): ResolvedBounds {
  const some = all.filter(isSomewhere)
  const [first, ...rest] = some
  return first ? rest.reduce(hull, first) : NOWHERE
}

function isSomewhere({ index, recorded, occurred, ids }: ResolvedBounds): boolean {
  return ids?.length !== 0 && [index, recorded, occurred].every(([from, to]) => from < to)
}

function hull(a: ResolvedBounds, b: ResolvedBounds): ResolvedBounds {
  const ids = a.ids && b.ids ? [...new Set([...a.ids, ...b.ids])] : undefined
  return {
    index: cover(a.index, b.index),
    recorded: cover(a.recorded, b.recorded),
    occurred: cover(a.occurred, b.occurred),
    ...(ids && { ids }),
  }
}

function cover(a: Bounds, b: Bounds): Bounds {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])]
}
