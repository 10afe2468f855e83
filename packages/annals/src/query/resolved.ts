import type { ActionPattern } from './action-pattern.ts'
import type { Network } from './address.ts'
import type { WordTest } from './words.ts'

/** What one value of a filter asks of an event. */
export type Test =
  | { readonly how: 'present' }
  /** `folded`: the text is folded and so must be what it is compared with. */
  | { readonly how: 'equals'; readonly text: string; readonly folded: boolean }
  /** Parts in order with anything between them; the first begins the value and the last ends it. */
  | { readonly how: 'pattern'; readonly parts: readonly string[]; readonly folded: boolean }
  | { readonly how: 'identity'; readonly type: string; readonly id: string }
  | ({ readonly how: 'action' } & ActionPattern)
  | ({ readonly how: 'network' } & Network)
  | ({ readonly how: 'words' } & WordTest)
  /** Half-open. */
  | { readonly how: 'range'; readonly from: number; readonly to: number }
  | { readonly how: 'compare'; readonly op: '=' | '>' | '>=' | '<' | '<='; readonly value: number }
  | { readonly how: 'flag'; readonly name: string }

/** A filter with its values understood: any of the tests may hold. */
export interface ResolvedFilter {
  readonly kind: 'filter'
  readonly field: string
  /** KEY or PATH of the field, and whether its case is ignored. */
  readonly key: { readonly name: string; readonly fold: boolean }
  readonly tests: readonly Test[]
}

/** A query that no longer depends on time, zone or reader, and whose values are checked. Plain data. */
export type Resolved =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly of: readonly Resolved[] }
  | { readonly kind: 'or'; readonly of: readonly Resolved[] }
  | { readonly kind: 'not'; readonly of: Resolved }
  | ResolvedFilter
  | ({ readonly kind: 'words' } & WordTest)
