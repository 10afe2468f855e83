import { parseActionPattern } from './action-pattern.ts'
import { parseNetwork } from './address.ts'
import type { Filter, Operator, Value } from './ast.ts'
import type { StringField } from './field.ts'
import { rangeText } from './filter.ts'
import { fold } from './fold.ts'
import type { QueryContext } from './query-context.ts'
import { refuse, shown } from './refuse.ts'
import type { Test } from './resolved.ts'
import { words } from './words.ts'

/** Fields of which `me` is the reader: who acted, and whom or what was acted on. */
const NAMES_READER: ReadonlySet<string> = new Set(['actor', 'target'])

/** The tests of one value of a string field. */
export function resolveString(
  field: StringField,
  op: Operator,
  value: Value,
  context: QueryContext,
): readonly Test[] {
  const text = literal(field.name, value)
  if (value.kind === 'any') return [{ how: 'present' }]
  if (op === '=') return [{ how: 'equals', text, folded: false }]
  if (NAMES_READER.has(field.name) && value.kind === 'text' && text === 'me')
    return [resolveMe(field.name, context)]
  switch (field.kind) {
    case 'path':
      return [resolvePath(field, value, text)]
    case 'address':
      return [resolveNetwork(text)]
    case 'error':
      return [resolveText(field, value, text), ...messageTests(value, text)]
    case 'text':
    case 'choice':
      return [resolveText(field, value, text)]
  }
}

/** The test of a value of `is:` or `has:`; a name that does not exist is never true. */
export function resolveFlag(filter: Filter, value: Value): readonly Test[] {
  if (value.kind !== 'text')
    refuse(`${filter.field} takes names only`, undefined, `write one, as in ${filter.field}:NAME`)
  return [{ how: 'flag', name: fold(literal(filter.field, value)) }]
}

function literal(field: string, value: Value): string {
  if (value.kind === 'any') return '*'
  if (value.kind === 'range') refuse(`${field} has no order, so ${shown(rangeText(value))} is no range of it`)
  return value.text
}

function resolveText(field: StringField, value: Value, text: string): Test {
  const folded = field.caseSensitive !== true
  const wanted = folded ? fold(text) : text
  if (value.kind === 'pattern') return { how: 'pattern', parts: wanted.split('*'), folded }
  return { how: 'equals', text: wanted, folded }
}

function resolveMe(field: string, { me }: QueryContext): Test {
  if (!me) return refuse(`${field}:me: nobody is signed in`, undefined, `name the ${field}, or sign in`)
  return { how: 'identity', type: me.type, id: me.id }
}

/** `topic:x` is `topic:x.*`; `action:x` is x alone. */
function resolvePath(field: StringField, value: Value, text: string): Test {
  // A quoted * is no wildcard, and no path holds one.
  if (value.kind === 'text' && text.includes('*')) return { how: 'equals', text: fold(text), folded: true }
  const pattern = parseActionPattern(text)
  if (pattern) return { how: 'action', ...pattern, below: pattern.below || field.name === 'topic' }
  return refuse(
    `in ${shown(text)} a * stands within a segment`,
    undefined,
    'put * at the end of a segment: machine.* or machine.st*',
  )
}

function resolveNetwork(text: string): Test {
  const network = parseNetwork(text)
  if (network) return { how: 'network', ...network }
  return refuse(
    `${shown(text)} is no address or network`,
    undefined,
    'write 10.4.7.9, 10.0.0.0/8 or 2001:db8::/32',
  )
}

function messageTests(value: Value, text: string): readonly Test[] {
  const found = value.kind === 'text' ? words(text) : []
  return found.length === 0 ? [] : [{ how: 'words', words: found, phrase: false }]
}
