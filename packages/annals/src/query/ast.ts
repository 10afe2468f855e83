/** How a filter compares: `:` loosely, `=` exactly and literally, the others by order. */
export type Operator = ':' | '=' | '>' | '>=' | '<' | '<='

/** One value of a filter. `text` is literal; only `:` takes the other kinds. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  /** Holds at least one `*`, which stands for any run of characters. */
  | { readonly kind: 'pattern'; readonly text: string }
  /** `lo..hi`, half-open; at least one end is given. */
  | { readonly kind: 'range'; readonly from?: string; readonly to?: string }
  /** A lone `*`: the field is present. */
  | { readonly kind: 'any' }

/** Field, operator and the values of which any may hold. */
export interface Filter {
  readonly kind: 'filter'
  /** Canonical name, never an alias. */
  readonly field: string
  /** KEY of `tag.KEY`, PATH of `from.PATH` and `to.PATH`. */
  readonly key?: string
  readonly op: Operator
  readonly values: readonly Value[]
}

/** Words to search for: bare words, each anywhere, or a phrase. */
export interface Text {
  readonly kind: 'text'
  readonly text: string
  readonly phrase: boolean
}

/**
 * A parsed query: plain data in normal form. `and` and `or` have two or more members and no member of their own
 * kind, `and` no member `all`, and `not` no member `not`. The functions of this file keep that form, so that
 * `parseQuery(printQuery(query))` equals the query.
 */
export type Query =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly of: readonly Query[] }
  | { readonly kind: 'or'; readonly of: readonly Query[] }
  | { readonly kind: 'not'; readonly of: Query }
  | Filter
  | Text

/** The empty query: matches everything. */
export const ALL: Query = Object.freeze({ kind: 'all' })

/** Matches nothing. */
export const NOTHING: Query = Object.freeze({ kind: 'not', of: ALL })

/**
 * All of the queries hold. Repeated fields are never merged here: joining queries cannot widen one of them.
 *
 * @example
 * ```ts
 * printQuery(and([parseQuery('actor:a'), parseQuery('actor:b')])) // 'actor:a AND actor:b'
 * ```
 */
export function and(of: readonly Query[]): Query {
  const flat = of.flatMap(query => (query.kind === 'and' ? query.of : query.kind === 'all' ? [] : [query]))
  const [first, second] = flat
  if (first === undefined) return ALL
  return second === undefined ? first : { kind: 'and', of: flat }
}

/**
 * One of the queries holds; of no queries, none does.
 *
 * @example
 * ```ts
 * printQuery(or([parseQuery('actor:a'), parseQuery('took:>5s')])) // 'actor:a OR took:>5s'
 * ```
 */
export function or(of: readonly Query[]): Query {
  const flat = of.flatMap(query => (query.kind === 'or' ? query.of : [query]))
  const [first, second] = flat
  if (first === undefined) return NOTHING
  return second === undefined ? first : { kind: 'or', of: flat }
}

/**
 * The query does not hold.
 *
 * @example
 * ```ts
 * printQuery(not(parseQuery('outcome:success'))) // '-outcome:success'
 * ```
 */
export function not(of: Query): Query {
  return of.kind === 'not' ? of.of : { kind: 'not', of }
}
