import { isPlain } from '../model/index.ts'
import type { StandardSchemaV1 } from './standard-schema.ts'

/** A JSON Schema as plain data; draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * A Standard Schema that can also say what it takes, as the Standard JSON Schema interface, version 1
 * (https://standardschema.dev/json-schema), has it. Schemas of zod and others do.
 */
export interface DescribedSchema<Input = unknown, Output = Input> extends StandardSchemaV1<Input, Output> {
  readonly '~standard': StandardSchemaV1<Input, Output>['~standard'] & {
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => JsonSchema
      readonly output: (options: { readonly target: string }) => JsonSchema
    }
  }
}

const TARGET = { target: 'draft-2020-12' }

/**
 * What a producer may give as `data` of an event type, as JSON Schema; undefined when the type has no schema, or one that cannot
 * say it.
 *
 * @example
 * ```ts
 * dataSchema(machineResize)?.properties // { size: { enum: ['small', 'large'], type: 'string' } }
 * ```
 */
export function dataSchema(type: { readonly data?: StandardSchemaV1 | undefined }): JsonSchema | undefined {
  const standard = type.data?.['~standard'] as Partial<DescribedSchema['~standard']> | undefined
  try {
    const schema: unknown = standard?.jsonSchema?.input(TARGET)
    return isPlain(schema) ? schema : undefined
  } catch {
    // Schemas with transformations or functions in them have no JSON Schema: that is their right.
    return undefined
  }
}
