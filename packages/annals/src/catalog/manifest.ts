import { type Json, sameJson, spellJson, type Visibility } from '../model/index.ts'
import type { EventType } from './event-type.ts'
import type { Parts, PersonPointer } from './parts.ts'
import type { RetentionClasses } from './retention-classes.ts'

/** One event type as plain data: everything but schema and upcasters, which stay with the application. */
export interface CatalogEntry {
  readonly action: string
  readonly version: number
  readonly describe?: string
  readonly visibility?: Visibility
  readonly retention?: string
  readonly topics?: readonly string[]
  readonly persons?: readonly PersonPointer[]
  readonly parts?: Parts
  readonly retired?: true | string
}

/** A catalog as JSON: what `log.catalog` keeps, so that a directory can be read without the application. */
export interface Manifest {
  readonly v: 1
  readonly open: boolean
  readonly personTypes: readonly string[]
  readonly retention: RetentionClasses
  /** Sorted by action. */
  readonly entries: readonly CatalogEntry[]
}

/** The plain data of a type. */
export function entryOf(type: EventType): CatalogEntry {
  const { action, version, describe, visibility, retention, topics, persons, parts, retired } = type
  return Object.freeze({
    action,
    version,
    ...(describe === undefined ? {} : { describe }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(retention === undefined ? {} : { retention }),
    ...(topics.length === 0 ? {} : { topics }),
    ...(persons.length === 0 ? {} : { persons }),
    ...(Object.keys(parts).length === 0 ? {} : { parts }),
    ...(retired === undefined ? {} : { retired }),
  })
}

/**
 * Whether two manifests say the same, whatever the order of their members: when not, opening the log appends `log.catalog`.
 *
 * @example
 * ```ts
 * sameManifest(catalog(a, b).manifest(), catalog(b, a).manifest()) // true
 * ```
 */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return sameJson(a as unknown as Json, b as unknown as Json)
}

/**
 * Digest of a manifest: SHA-256 over its members in sorted order, which is its RFC 8785 form.
 *
 * @param sha256Hex SHA-256 of the UTF-8 bytes of a text, in lower-case hex
 * @example
 * ```ts
 * catalogDigest(types.manifest(), text => createHash('sha256').update(text).digest('hex'))
 * ```
 */
export function catalogDigest(manifest: Manifest, sha256Hex: (text: string) => string): string {
  return sha256Hex(spellJson(manifest as unknown as Json))
}
