import type { JsonSchema } from '../../catalog/index.ts'
import { isPlain } from '../../model/index.ts'
import { code } from './markdown.ts'

/** The fields of `data` and what each takes, in words: `name` text, `note`? text. As Markdown. */
export function fieldWords(schema: JsonSchema): readonly string[] {
  const properties = schema['properties']
  if (!isPlain(properties)) return [schemaWords(schema)]
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).map(([name, one]) => {
    const mark = required.includes(name) ? '' : '?'
    return `${code(name)}${mark} ${isPlain(one) ? schemaWords(one) : 'anything'}`
  })
}

/** What a schema takes, in few words; what it says in ways of its own is `anything`. */
function schemaWords(schema: JsonSchema): string {
  const { type, items, not, anyOf, oneOf } = schema as Readonly<Record<string, unknown>>
  const texts = schema['enum'] ?? (Object.hasOwn(schema, 'const') ? [schema['const']] : undefined)
  if (isPlain(not) && Object.keys(not).length === 0) return 'none'
  if (Array.isArray(texts)) return texts.map(text => code(JSON.stringify(text))).join(' or ')
  const choices = anyOf ?? oneOf
  if (Array.isArray(choices)) return [...new Set(choices.filter(isPlain).map(schemaWords))].join(' or ')
  if (Array.isArray(type)) return type.map(name => schemaWords({ type: name })).join(' or ')
  if (type === 'array') return isPlain(items) ? `list of ${schemaWords(items)}` : 'list'
  return typeof type === 'string' ? (WORDS[type] ?? type) : 'anything'
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  object: 'object',
  integer: 'integer',
  number: 'number',
  null: 'null',
}
