import { type AuditEvent, isLogAction } from '../model/index.ts'
import { meetsActionPattern } from './action-pattern.ts'
import { inNetwork, parseAddress } from './address.ts'
import type { Field, StringField } from './field.ts'
import { fieldNamed } from './find-field.ts'
import { fold } from './fold.ts'
import { actorChain } from './identity.ts'
import type { Resolved, ResolvedFilter, Test } from './resolved.ts'
import { searchedTexts } from './searched.ts'
import { selectsLog } from './selects-log.ts'
import { meetsWildcard } from './wildcard.ts'
import { holdsWords } from './words.ts'

/** What a matcher looks at besides the event. */
export interface MatcherOptions {
  /** The sentence of an event as the reader sees it; free text searches it as well. */
  readonly sentence?: ((event: AuditEvent) => string) | undefined
  /** Show the log's own events whatever the query. @defaultValue false: only when the query selects them */
  readonly includeLog?: boolean | undefined
}

/**
 * The reference evaluator: whether an event meets a query. Every store and index must agree with it.
 *
 * @example
 * ```ts
 * const matches = matcher(resolveQuery(parseQuery('actor:alice'), { now: Date.now() }))
 * events.filter(matches)
 * ```
 */
export function matcher(query: Resolved, options: MatcherOptions = {}): (event: AuditEvent) => boolean {
  const showsLog = options.includeLog === true || selectsLog(query)
  return event => (showsLog || !isLogAction(event.action)) && meets(query, event, options)
}

function meets(query: Resolved, event: AuditEvent, options: MatcherOptions): boolean {
  switch (query.kind) {
    case 'all':
      return true
    case 'and':
      return query.of.every(member => meets(member, event, options))
    case 'or':
      return query.of.some(member => meets(member, event, options))
    case 'not':
      return !meets(query.of, event, options)
    case 'words': {
      const texts = searchedTexts(event)
      return holdsWords(options.sentence ? [...texts, options.sentence(event)] : texts, query)
    }
    case 'filter': {
      const field = fieldNamed(query.field)
      return query.tests.some(test => meetsTest(field, query.key, test, event))
    }
  }
}

function meetsTest(field: Field, key: ResolvedFilter['key'], test: Test, event: AuditEvent): boolean {
  if (field.kind === 'flag') {
    return test.how === 'flag' && field.flags.some(flag => flag.name === test.name && flag.test(event))
  }
  if ('number' in field) return meetsNumber(field.number(event), test)
  const values = field.strings(event, key)
  switch (test.how) {
    case 'present':
      return values.length > 0 || (field.kind === 'error' && Boolean(event.outcome.message))
    case 'equals':
      return values.some(value => (test.folded ? fold(value) : value) === test.text)
    case 'pattern':
      return patternNames(field, values, test.parts, event).some(value =>
        meetsWildcard(test.folded ? fold(value) : value, test.parts),
      )
    case 'action':
      return values.some(value => meetsActionPattern(fold(value), test))
    case 'identity':
      return (field.name === 'target' ? event.targets : actorChain(event.actor)).some(
        ({ type, id }) => type === test.type && id === test.id,
      )
    case 'network':
      return values.some(value => {
        const address = parseAddress(value)
        return address !== undefined && inNetwork(address, test)
      })
    case 'words':
      return holdsWords(event.outcome.message === undefined ? [] : [event.outcome.message], test)
    case 'range':
    case 'compare':
    case 'flag':
      return false
  }
}

/** A pattern without a slash is about names, not about the type before them: `actor:us*` is not every user. */
function patternNames(
  field: StringField,
  values: readonly string[],
  parts: readonly string[],
  event: AuditEvent,
): readonly string[] {
  if (
    field.index?.typed === undefined ||
    field.indexed === undefined ||
    parts.some(part => part.includes('/'))
  )
    return values
  return field.indexed(event)
}

function meetsNumber(value: number | undefined, test: Test): boolean {
  if (value === undefined) return false
  if (test.how === 'present') return true
  if (test.how === 'range') return value >= test.from && value < test.to
  if (test.how !== 'compare') return false
  switch (test.op) {
    case '=':
      return value === test.value
    case '>':
      return value > test.value
    case '>=':
      return value >= test.value
    case '<':
      return value < test.value
    case '<=':
      return value <= test.value
  }
}
