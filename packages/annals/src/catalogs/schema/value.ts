import type { JsonSchema, SchemaIssue } from '../../catalog/index.ts'
import type { Json } from '../../model/index.ts'

/** A kind of JSON value: how it is checked, and the same as JSON Schema. Made by {@link text} and its like. */
export interface Value<T = unknown> {
  readonly json: JsonSchema
  /** What is wrong with a value at a path; nothing when it is right. */
  readonly issues: (value: unknown, path: readonly PropertyKey[]) => readonly SchemaIssue[]
  /** Whether the member may be absent. */
  readonly optional: boolean
  /** Never there at run time; carries the type. */
  readonly type?: T | undefined
}

/** A value that may be absent; made by {@link optional}. */
export interface OptionalValue<T = unknown> extends Value<T> {
  readonly optional: true
}

/** A text, also an empty one. */
export const text: Value<string> = value({ type: 'string' }, 'a text', one => typeof one === 'string')

/** True or false. */
export const flag: Value<boolean> = value(
  { type: 'boolean' },
  'true or false',
  one => typeof one === 'boolean',
)

/** An integer of 0 or more that JSON carries exactly, such as a number of bytes. */
export const count: Value<number> = value(
  { type: 'integer', minimum: 0 },
  'an integer of 0 or more',
  one => Number.isSafeInteger(one) && (one as number) >= 0,
)

/** Any JSON. */
export const json: Value<Json> = value({}, 'there', one => one !== undefined)

/**
 * One of these texts.
 *
 * @example
 * ```ts
 * oneOf('shared', 'dedicated')
 * ```
 */
export function oneOf<const T extends string>(...texts: readonly T[]): Value<T> {
  const known: readonly unknown[] = texts
  return value({ enum: texts }, `one of ${texts.join(', ')}`, one => known.includes(one))
}

/**
 * A list of such values.
 *
 * @example
 * ```ts
 * list(text)
 * ```
 */
export function list<T>(item: Value<T>): Value<readonly T[]> {
  return {
    json: { type: 'array', items: item.json },
    optional: false,
    issues: (given, path) =>
      Array.isArray(given)
        ? given.flatMap((one, at) => item.issues(one, [...path, at]))
        : [{ message: 'must be a list', path }],
  }
}

/**
 * The same, but it may be absent.
 *
 * @example
 * ```ts
 * fields({ reason: optional(text) })
 * ```
 */
export function optional<T>(of: Value<T>): OptionalValue<T> {
  return { ...of, optional: true }
}

function value<T>(json: JsonSchema, what: string, fits: (given: unknown) => boolean): Value<T> {
  return {
    json,
    optional: false,
    issues: (given, path) => (fits(given) ? [] : [{ message: `must be ${what}`, path }]),
  }
}
