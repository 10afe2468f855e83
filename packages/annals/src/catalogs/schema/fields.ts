import type { DescribedSchema, JsonSchema, SchemaIssue } from '../../catalog/index.ts'
import { isPlain } from '../../model/index.ts'
import type { OptionalValue, Value } from './value.ts'

/** Members of `data` by name. */
export type Members = Readonly<Record<string, Value>>

/** The type of an object with these members. */
export type DataOf<M extends Members> = Flattened<
  { readonly [K in keyof M as M[K] extends OptionalValue ? never : K]: TypeOf<M[K]> } & {
    readonly [K in keyof M as M[K] extends OptionalValue ? K : never]?: TypeOf<M[K]> | undefined
  }
>
type TypeOf<V extends Value> = V extends Value<infer T> ? T : never
type Flattened<T> = { readonly [K in keyof T]: T[K] }

/**
 * An object with these members and no others: what an event type does not name is refused with its path, so it is never stored.
 *
 * @example
 * ```ts
 * defineEvent('account.email.add', { data: fields({ email: text, note: optional(text) }) })
 * ```
 */
export function fields<const M extends Members>(members: M): DescribedSchema<DataOf<M>> {
  const known = new Map<string, Value>(Object.entries(members))
  const required = [...known].filter(([, { optional }]) => !optional).map(([name]) => name)
  const json: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries([...known].map(([name, member]) => [name, member.json])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
  return schema(json, given => {
    if (!isPlain(given)) return [{ message: 'must be an object' }]
    const strangers = Object.keys(given).filter(name => !known.has(name))
    return [
      ...strangers.map(name => ({ message: 'is not a field of this event', path: [name] })),
      ...[...known].flatMap(([name, member]) => memberIssues(given, name, member)),
    ]
  })
}

/** For events that say everything by actor, targets and outcome: they take no `data`. */
export const noData: DescribedSchema<undefined> = schema({ not: {} }, given =>
  given === undefined ? [] : [{ message: 'this event takes no data' }],
)

function memberIssues(
  given: Readonly<Record<string, unknown>>,
  name: string,
  member: Value,
): readonly SchemaIssue[] {
  const one = Object.hasOwn(given, name) ? given[name] : undefined
  if (one !== undefined) return member.issues(one, [name])
  return member.optional ? [] : [{ message: 'is required', path: [name] }]
}

function schema<T>(
  json: JsonSchema,
  issuesOf: (given: unknown) => readonly SchemaIssue[],
): DescribedSchema<T> {
  return Object.freeze({
    '~standard': Object.freeze({
      version: 1 as const,
      vendor: 'annals',
      validate: (given: unknown) => {
        const issues = issuesOf(given)
        return issues.length === 0 ? { value: given as T } : { issues }
      },
      jsonSchema: { input: () => json, output: () => json },
    }),
  })
}
