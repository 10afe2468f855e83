import fc, { type Arbitrary } from 'fast-check'

/** A JSON Schema as the OpenAPI document has it. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
}

/** Depth beyond which what is optional is left out. */
const DEPTH = 4

/**
 * Values of a schema.
 *
 * @param named schemas by name, for references
 * @param texts texts that are tried where any text fits
 */
export function valuesOf(
  schema: JsonSchema,
  named: Readonly<Record<string, JsonSchema>>,
  texts: Arbitrary<string>,
  depth: number = 0,
): Arbitrary<unknown> {
  const inner = (one: JsonSchema): Arbitrary<unknown> => valuesOf(one, named, texts, depth + 1)
  if (schema.$ref !== undefined) {
    if (depth > 2 * DEPTH) return fc.constant(null)
    return inner(named[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return fc.oneof(...choices.map(inner))
  switch (schema.type) {
    case 'string':
      return textOf(schema, texts)
    case 'integer':
    case 'number': {
      const min = Math.max(schema.minimum ?? schema.exclusiveMinimum ?? -1000, Number.MIN_SAFE_INTEGER)
      const max = Math.min(schema.maximum ?? 1_000_000, Number.MAX_SAFE_INTEGER)
      return fc.oneof(fc.integer({ min, max: Math.min(max, min + 100) }), fc.integer({ min, max }))
    }
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const minLength = schema.minItems ?? 0
      const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? 4, 4))
      return fc.array(inner(schema.items ?? {}), { minLength, maxLength })
    }
    case 'object':
      return objectOf(schema, inner, texts, depth)
    default:
      return depth > DEPTH ? fc.constant(null) : fc.oneof(fc.jsonValue({ maxDepth: 2 }), texts)
  }
}

function textOf(schema: JsonSchema, texts: Arbitrary<string>): Arbitrary<unknown> {
  const { pattern, minLength = 0, maxLength = 40 } = schema
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  const fitting = texts.map(text => text.slice(0, maxLength).padEnd(minLength, 'x').toWellFormed())
  return fc.oneof(fitting, fc.string({ minLength, maxLength: Math.min(maxLength, 40) }))
}

function objectOf(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  inner: (one: JsonSchema) => Arbitrary<unknown>,
  texts: Arbitrary<string>,
  depth: number,
): Arbitrary<unknown> {
  const wanted = Object.entries(properties).filter(([name]) => depth <= DEPTH || required.includes(name))
  const known = fc.record(Object.fromEntries(wanted.map(([name, one]) => [name, inner(one)])), {
    requiredKeys: wanted.map(([name]) => name).filter(name => required.includes(name)),
  })
  if (additionalProperties === undefined || additionalProperties === false) return known
  const more = typeof additionalProperties === 'object' ? additionalProperties : {}
  return fc
    .tuple(known, fc.dictionary(texts, inner(more), { maxKeys: 3 }))
    .map(([first, second]) => ({ ...second, ...(first as object) }))
}
