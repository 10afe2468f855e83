import { AnnalsError, isPath, isPlain, VISIBILITIES, type Visibility } from '../model/index.ts'
import type { Mutable } from '../model/mutable.ts'
import { createCatalog } from './catalog.ts'
import type { Catalog } from './contract.ts'
import { defineEvent, type EventType, type EventTypeOptions } from './event-type.ts'
import type { Parts, PersonPointer } from './parts.ts'
import { RETENTION_CLASSES, type RetentionClasses } from './retention-classes.ts'
import { parseTemplate } from './template.ts'

type Given = Readonly<Record<string, unknown>>

/**
 * The catalog of a manifest, without schemas and upcasters: enough to describe, list and classify every event. Members that
 * a later version may have added are ignored, and so is a template that this version cannot parse.
 *
 * @throws AnnalsError ANNALS_CATALOG when it is no manifest
 * @example
 * ```ts
 * describe(event, catalogFromManifest(JSON.parse(text)))
 * ```
 */
export function catalogFromManifest(json: unknown): Catalog {
  if (!isPlain(json) || json['v'] !== 1 || !Array.isArray(json['entries']))
    throw broken('', 'is no catalog manifest of version 1')
  const types = json['entries'].map((entry: unknown, at) => attempt(`/entries/${at}`, () => readType(entry)))
  return attempt('', () =>
    createCatalog(types, {
      open: json['open'] === true,
      retention: withMissing(json['retention'], types),
      ...(Array.isArray(json['personTypes']) ? { personTypes: json['personTypes'] as string[] } : {}),
    }),
  )
}

function readType(entry: unknown): EventType {
  if (!isPlain(entry) || typeof entry['action'] !== 'string')
    throw new TypeError('an entry must be an object with an action')
  const { action, version = 1 } = entry
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw new TypeError('version must be an integer from 1')
  // A manifest has no upcasters, so the version is set afterwards, past the check that asks for them.
  const type = defineEvent(action as string, optionsOf(entry))
  return Object.freeze({ ...type, version })
}

function optionsOf(entry: Given): EventTypeOptions {
  const options: Mutable<EventTypeOptions> = {}
  const { describe, visibility, retention, topics, persons, parts, retired } = entry
  if (typeof describe === 'string' && parses(describe)) options.describe = describe
  if (VISIBILITIES.includes(visibility as Visibility)) options.visibility = visibility as Visibility
  if (typeof retention === 'string') options.retention = retention
  if (Array.isArray(topics))
    options.topics = topics.filter(topic => typeof topic === 'string' && isPath(topic))
  if (Array.isArray(persons)) options.persons = persons as readonly PersonPointer[]
  if (isPlain(parts)) {
    const { internal, ...others } = parts
    options.parts = others as Parts
    if (Array.isArray(internal)) options.internal = internal as string[]
  }
  if (retired === true || typeof retired === 'string') options.retired = retired
  return options
}

function parses(template: string): boolean {
  try {
    parseTemplate(template)
    return true
  } catch {
    return false
  }
}

/** The classes of the manifest; one that a type names but nobody defines is kept for ever, the safe side. */
function withMissing(given: unknown, types: readonly EventType[]): RetentionClasses {
  const classes: Record<string, number | 'forever'> = isPlain(given) ? { ...(given as RetentionClasses) } : {}
  for (const { retention } of types) {
    if (
      retention !== undefined &&
      !Object.hasOwn(classes, retention) &&
      !Object.hasOwn(RETENTION_CLASSES, retention)
    )
      classes[retention] = 'forever'
  }
  return classes
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof AnnalsError
      ? error
      : broken(path, error instanceof Error ? error.message : 'cannot be read', error)
  }
}

function broken(path: string, what: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_CATALOG', `manifest${path}: ${what}`, { path, cause })
}
