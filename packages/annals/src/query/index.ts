// For users: queries as text and as data.

export {
  ALL,
  and,
  type Filter,
  NOTHING,
  not,
  type Operator,
  or,
  type Query,
  type Text,
  type Value,
} from './ast.ts'
export { calendarEdges } from './calendar-edges.ts'
export { combineQueries } from './combine.ts'
export { type Cursor, type ExpectedCursor, formatCursor, parseCursor } from './cursor.ts'
export { queryDigest } from './digest.ts'
export { parseDuration } from './duration.ts'
export type { Field, FieldKey, FlagField, NumberField, StringField, TimeField } from './field.ts'
export { FIELDS } from './fields.ts'
export { filter, text } from './filter.ts'
export { type FilterFlags, filtersToQuery } from './filter-flags.ts'
export { fieldNamed, writtenName } from './find-field.ts'
export type { Flag } from './flags.ts'
export { type MatcherOptions, matcher } from './matcher.ts'
export { parseQuery } from './parse.ts'
export { printQuery } from './print.ts'
export type { QueryContext } from './query-context.ts'
export { resolveQuery } from './resolve.ts'
export type { Resolved, ResolvedFilter, Test } from './resolved.ts'
export { MAX_QUERY_DEPTH, MAX_QUERY_LENGTH, MAX_QUERY_TERMS } from './scan.ts'
export {
  checkScope,
  FULL_SCOPE,
  levelOf,
  MAX_MASKS,
  MAX_SCOPES,
  type Mask,
  type Scope,
  scopesOf,
} from './scope.ts'
export { type Span, spanOf } from './span.ts'
export { parseInstant, parseRange, type TimeContext, type TimeRange } from './time.ts'
export { queryWarnings, type Warning, type WarningOptions } from './warnings.ts'

// For stores and search indexes.

export { inNetwork, type Network, networkPrefixes, parseAddress, parseNetwork } from './address.ts'
export { type Bounds, type ResolvedBounds, resolvedBounds } from './bounds.ts'
export { type CandidateOptions, candidateTerms } from './candidate-terms.ts'
export { type CompiledSearch, type CompileOptions, compileSearch } from './compile-search.ts'
export { type CountAllOptions, type CountedAll, countAll } from './count-all.ts'
export { EVERY_TERM, eventTerms } from './event-terms.ts'
export { fold } from './fold.ts'
export { type GroupBy, type Grouping, groupValue, type TimeSpans } from './grouping.ts'
export { headerOnly } from './header-only.ts'
export { forgetRemembered } from './remember.ts'
export type { CountedSlice, Group, Matches, Search, SearchIndex } from './search-index.ts'
export { selectsLog } from './selects-log.ts'
export { type TalliedGroups, Tally } from './tally.ts'
export { type EncodedTerm, encodeTerm, TERM_BYTES } from './term.ts'
export { satisfies, type TermExpr } from './term-expr.ts'
export { words } from './words.ts'
