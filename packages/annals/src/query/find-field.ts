import type { Field } from './field.ts'
import { FIELDS } from './fields.ts'
import { nearest } from './nearest.ts'

const byName = new Map<string, Field>()
for (const field of FIELDS) {
  for (const name of [field.name, ...(field.aliases ?? [])]) byName.set(name, field)
}

/**
 * The field of a canonical name, as in `Filter.field`.
 *
 * @throws TypeError for any other name: queries come from the parser, which knows
 * @example
 * ```ts
 * fieldNamed('actor').help
 * ```
 */
export function fieldNamed(name: string): Field {
  const field = byName.get(name)
  if (field?.name !== name) throw new TypeError(`query: there is no field ${JSON.stringify(name)}`)
  return field
}

/** A field name as it was written, understood; `key` is set for `tag.KEY` and its like. */
export interface WrittenField {
  readonly field: Field
  readonly key: string | undefined
}

/** Finds a written field name, alias or keyed name; case is ignored but in the key. */
export function readFieldName(text: string): WrittenField | undefined {
  const plain = byName.get(text.toLowerCase())
  if (plain) return { field: plain, key: undefined }
  const dot = text.indexOf('.')
  if (dot < 0) return undefined
  const field = byName.get(text.slice(0, dot).toLowerCase())
  return field && isKeyed(field) ? { field, key: text.slice(dot + 1) } : undefined
}

/** Whether a field must be written with a key. */
export function isKeyed(field: Field): boolean {
  return 'keyed' in field && field.keyed !== undefined
}

/**
 * How a field is written, in help and hints.
 *
 * @example
 * ```ts
 * writtenName(fieldNamed('tag')) // 'tag.KEY'
 * ```
 */
export function writtenName(field: Field): string {
  return 'keyed' in field && field.keyed !== undefined ? `${field.name}.${field.keyed}` : field.name
}

/** The known name nearest to a mistyped one, as it should be written. */
export function nearestField(text: string): string | undefined {
  const dot = text.indexOf('.')
  const head = dot < 0 ? text : text.slice(0, dot)
  const whole = nearest(text, [...byName.keys()])
  if (whole !== undefined && !(dot >= 0 && isKeyed(fieldOf(whole)))) return whole
  const keyed = nearest(
    head,
    FIELDS.filter(isKeyed).map(field => field.name),
  )
  return keyed === undefined || dot < 0 ? whole : keyed + text.slice(dot)
}

function fieldOf(name: string): Field {
  return byName.get(name) ?? fieldNamed(name)
}
