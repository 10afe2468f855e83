import {
  didYouMean,
  isPath,
  isPlain,
  isWithin,
  LOG_ROOT,
  VISIBILITIES,
  type Visibility,
} from '../model/index.ts'
import { checkParts, checkPersons, type Parts, type PersonPointer } from './parts.ts'
import { isSchema, type SchemaInput, type SchemaOutput, type StandardSchemaV1 } from './standard-schema.ts'
import { parseTemplate, type Template } from './template.ts'

/** Turns `data` of one version into that of the next. */
export type Upcaster = (data: unknown) => unknown

/** One kind of event. Made by {@link defineEvent}; frozen. */
export interface EventType<Action extends string = string, Input = unknown, Output = unknown> {
  readonly action: Action
  readonly version: number
  readonly data?: StandardSchemaV1<Input, Output>
  readonly describe?: string
  readonly template?: Template
  readonly visibility?: Visibility
  readonly retention?: string
  readonly topics: readonly string[]
  readonly upcast: Readonly<Record<number, Upcaster>>
  readonly persons: readonly PersonPointer[]
  /** Further parts, with those of `internal`. */
  readonly parts: Parts
  readonly retired?: true | string
}

/** Options of {@link defineEvent}. */
export interface EventTypeOptions<S extends StandardSchemaV1 = StandardSchemaV1> {
  /** Standard Schema (zod, valibot, …) that `data` must fit; what it makes of it is stored. Without one, any JSON is taken. */
  readonly data?: S | undefined
  /** Sentence template, such as `{actor} deleted machine {target}`; see {@link parseTemplate}. @defaultValue a generic sentence */
  readonly describe?: string | undefined
  /** Least privileged reader of the event. @defaultValue `owner` */
  readonly visibility?: Visibility | undefined
  /** Retention class. @defaultValue `standard` */
  readonly retention?: string | undefined
  /** Version of the shape of `data`, from 1. @defaultValue 1 */
  readonly version?: number | undefined
  /** For every earlier version, how its `data` becomes that of the next, so that readers get the latest shape. */
  readonly upcast?: Readonly<Record<number, Upcaster>> | undefined
  /**
   * Pointers to person references beside actor and targets: a text, an array of texts, or an object with an `id`.
   * `/changes/~1ownerId` means both values of the change at `/ownerId`.
   */
  readonly persons?: readonly (string | PersonPointer)[] | undefined
  /** Further separately erasable parts: name `[a-z]{1,16}` to the pointers of its fields. */
  readonly parts?: Parts | undefined
  /** Pointers of the fields that only operators may see. */
  readonly internal?: readonly string[] | undefined
  /** Can be read and described for ever, but no longer written; a text says what to use instead. */
  readonly retired?: true | string | undefined
  /** Further topics of every event of this type. */
  readonly topics?: readonly string[] | undefined
}

const OPTIONS: readonly string[] = [
  'data',
  'describe',
  'visibility',
  'retention',
  'version',
  'upcast',
  'persons',
  'parts',
  'internal',
  'retired',
  'topics',
]

/**
 * Defines one kind of event.
 *
 * @throws TypeError for any mistake in it, at once
 * @example
 * ```ts
 * export const machineDelete = defineEvent('machine.delete', {
 *   data: z.object({ force: z.boolean() }),
 *   describe: '{actor} deleted machine {target}',
 *   retention: 'security',
 * })
 * ```
 */
export function defineEvent<const A extends string, S extends StandardSchemaV1 = StandardSchemaV1>(
  action: A,
  options: EventTypeOptions<S> = {},
): EventType<A, SchemaInput<S>, SchemaOutput<S>> {
  if (typeof action !== 'string' || !isPath(action)) {
    throw new TypeError(`defineEvent: '${String(action)}' is not a dotted path of segments [A-Za-z0-9_-]+`)
  }
  if (isWithin(action, LOG_ROOT))
    throw new TypeError(`defineEvent: '${action}': paths below 'log' are the log's own`)
  return makeType(action, options)
}

/** As {@link defineEvent}, also for the log's own types. */
export function makeType<A extends string, S extends StandardSchemaV1>(
  action: A,
  options: EventTypeOptions<S>,
): EventType<A, SchemaInput<S>, SchemaOutput<S>> {
  const where = `defineEvent '${action}'`
  if (!isPlain(options as unknown)) throw new TypeError(`${where}: options must be an object`)
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name))
      throw new TypeError(
        `${where}: unknown option '${name}'; ${didYouMean(name, OPTIONS) ?? `known: ${OPTIONS.join(', ')}`}`,
      )
  }
  const { data, describe, visibility, retention, version = 1, upcast = {}, retired, topics = [] } = options
  checkSimple(where, options)
  return Object.freeze({
    action,
    version,
    ...(data === undefined ? {} : { data: data as StandardSchemaV1<SchemaInput<S>, SchemaOutput<S>> }),
    ...(describe === undefined ? {} : { describe, template: Object.freeze(parseTemplate(describe)) }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(retention === undefined ? {} : { retention }),
    topics: Object.freeze([...topics]),
    upcast: Object.freeze({ ...upcast }),
    persons: checkPersons(where, options.persons),
    parts: checkParts(where, options.parts, options.internal),
    ...(retired === undefined ? {} : { retired }),
  })
}

function checkSimple(where: string, options: EventTypeOptions): void {
  const { data, describe, visibility, retention, version = 1, upcast = {}, retired, topics = [] } = options
  if (data !== undefined && !isSchema(data))
    throw new TypeError(`${where}: data must be a Standard Schema, as zod and valibot make them`)
  if (describe !== undefined && typeof describe !== 'string')
    throw new TypeError(`${where}: describe must be a template text`)
  if (visibility !== undefined && !VISIBILITIES.includes(visibility))
    throw new TypeError(`${where}: visibility must be one of ${VISIBILITIES.join(', ')}`)
  if (retention !== undefined && typeof retention !== 'string')
    throw new TypeError(`${where}: retention must be the name of a class`)
  if (!Number.isSafeInteger(version) || version < 1)
    throw new TypeError(`${where}: version must be an integer from 1`)
  for (let older = 1; older < version; older += 1) {
    if (typeof upcast[older] !== 'function')
      throw new TypeError(
        `${where}: version ${version} needs upcast[${older}], from ${older} to ${older + 1}`,
      )
  }
  for (const older of Object.keys(upcast)) {
    if (!(Number(older) >= 1 && Number(older) < version))
      throw new TypeError(`${where}: upcast[${older}]: there is no such earlier version`)
  }
  if (retired !== undefined && retired !== true && typeof retired !== 'string')
    throw new TypeError(`${where}: retired must be true or a text`)
  for (const topic of topics) {
    if (!isPath(topic) || isWithin(topic, LOG_ROOT))
      throw new TypeError(`${where}: topic '${String(topic)}' is not a dotted path outside 'log'`)
  }
}
