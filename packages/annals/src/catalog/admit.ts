import {
  AnnalsError,
  checkJson,
  DEFAULT_LIMITS,
  type DefaultedField,
  didYouMean,
  formatPointer,
  type Limits,
  type NormalEvent,
} from '../model/index.ts'
import type { Mutable } from '../model/mutable.ts'
import type { Catalog } from './contract.ts'
import type { EventType } from './event-type.ts'
import { upcastData } from './latest.ts'
import type { SchemaResult, StandardSchemaV1 } from './standard-schema.ts'

type Known = Pick<Catalog, 'open' | 'types' | 'retention' | 'get'>

/** Checks an event against its type; see `Catalog.admit`. */
export function admitEvent(
  catalog: Known,
  event: NormalEvent,
  limits: Limits = DEFAULT_LIMITS,
): NormalEvent | Promise<NormalEvent> {
  const type = catalog.get(event.action)
  if (type === undefined) {
    if (!catalog.open) throw unknownAction(catalog, event.action)
    return finish(catalog, undefined, event)
  }
  if (type.retired !== undefined) throw retired(type)
  const ready = finish(catalog, type, event)
  if (ready.version > type.version) {
    throw invalid(
      '/version',
      `version ${ready.version} of ${type.action} is not known; the latest is ${type.version}`,
    )
  }
  if (type.data === undefined) return ready
  // The attempt carries the data; what its outcome adds is optional.
  if (event.phase === 'outcome' && event.data === undefined) return ready
  if (ready.version < type.version) return admitOlder(type, type.data, ready)
  const result = validate(type, type.data, event.data)
  if (result instanceof Promise) return result.then(settled => withOutput(type, ready, settled, limits))
  return withOutput(type, ready, result, limits)
}

/** An older version is stored as it is, once its latest shape proves to be good. */
function admitOlder(
  type: EventType,
  schema: StandardSchemaV1,
  event: NormalEvent,
): NormalEvent | Promise<NormalEvent> {
  let shaped: unknown
  try {
    shaped = upcastData(type, event.version, structuredClone(event.data))
  } catch (cause) {
    throw new AnnalsError('ANNALS_INVALID', `/data: is not version ${event.version} of ${type.action}`, {
      path: '/data',
      cause,
    })
  }
  const result = validate(type, schema, shaped)
  const settle = (settled: SchemaResult<unknown>): NormalEvent => {
    outputOf(type, settled)
    return event
  }
  return result instanceof Promise ? result.then(settle) : settle(result)
}

function validate(
  type: EventType,
  schema: StandardSchemaV1,
  data: unknown,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  try {
    const result = schema['~standard'].validate(data)
    if (!isThenable(result)) return result
    return Promise.resolve(result).catch(cause => {
      throw schemaFailed(type, cause)
    })
  } catch (cause) {
    throw schemaFailed(type, cause)
  }
}

function withOutput(
  type: EventType,
  event: NormalEvent,
  result: SchemaResult<unknown>,
  limits: Limits,
): NormalEvent {
  const output = outputOf(type, result)
  if (output !== undefined) return { ...event, data: checkJson(output, limits, ['data']) }
  const { data: _, ...rest } = event
  return rest
}

function outputOf(type: EventType, result: SchemaResult<unknown>): unknown {
  if (typeof result !== 'object' || result === null) throw schemaFailed(type, undefined)
  const { issues } = result
  if (issues === undefined) return result.value
  const [issue] = issues
  const keys = (issue?.path ?? []).map(key => (typeof key === 'object' ? key.key : key))
  const path = formatPointer(['data', ...keys.map(key => (typeof key === 'number' ? key : String(key)))])
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  throw new AnnalsError('ANNALS_INVALID', `${path}: ${issue?.message ?? 'is not valid'}${more}`, {
    path,
    hint: `see the data schema of ${type.action}`,
  })
}

/** Fills in what the draft left open, and checks the retention class. */
function finish(catalog: Known, type: EventType | undefined, event: NormalEvent): NormalEvent {
  // Not deleted: that would make every event a dictionary, and all that is done with it after several times as slow.
  const ready: Mutable<NormalEvent> = { ...event, defaulted: undefined }
  if (type !== undefined) {
    if (leftOpen(event, 'version')) ready.version = type.version
    if (type.visibility !== undefined && leftOpen(event, 'visibility')) ready.visibility = type.visibility
    if (type.retention !== undefined && leftOpen(event, 'retention')) ready.retention = type.retention
    if (type.topics.length > 0) ready.topics = [...new Set([...(event.topics ?? []), ...type.topics])]
  }
  if (!Object.hasOwn(catalog.retention, ready.retention)) {
    const known = Object.keys(catalog.retention)
    const hint = didYouMean(ready.retention, known) ?? `known classes: ${known.join(', ')}`
    throw new AnnalsError('ANNALS_INVALID', '/retention: there is no such retention class', {
      path: '/retention',
      hint,
    })
  }
  return ready
}

function leftOpen(event: NormalEvent, field: DefaultedField): boolean {
  return event.defaulted?.includes(field) === true
}

function unknownAction(catalog: Known, action: string): AnnalsError {
  const hint =
    didYouMean(
      action,
      catalog.types.map(type => type.action),
    ) ?? 'add it with defineEvent, or make the catalog open'
  return new AnnalsError('ANNALS_UNKNOWN_ACTION', `/action: the catalog has no '${action}'`, {
    path: '/action',
    hint,
  })
}

function retired(type: EventType): AnnalsError {
  const hint = typeof type.retired === 'string' ? type.retired : 'it can be read, not written'
  return new AnnalsError('ANNALS_RETIRED', `/action: '${type.action}' is retired`, { path: '/action', hint })
}

function invalid(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `${path}: ${what}`, { path })
}

function schemaFailed(type: EventType, cause: unknown): AnnalsError {
  const what = cause === undefined ? 'gave no result' : 'threw'
  return new AnnalsError('ANNALS_CATALOG', `the data schema of '${type.action}' ${what}`, {
    path: '/data',
    cause,
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
