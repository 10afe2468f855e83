import { canonicalize, parseCanonical } from '@annals/tlog'
import type { SealManifest } from './log-store.ts'
import { isObject } from './parts.ts'

/** One object of an archived chunk, as its manifest has it. */
export interface ManifestObject {
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
  /** Until when it was locked when it was written, ISO 8601; null when it was not. */
  readonly retain: string | null
}

/** `manifest.json`: what the chunk was sealed with, and the objects it was archived as. */
export interface ArchiveManifest extends SealManifest {
  readonly objects: Readonly<Record<string, ManifestObject>>
  /** SHA-256 (base64url) of the deflate dictionary. */
  readonly dictionary: string
}

/** Largest manifest that is read, in bytes. */
export const MAX_MANIFEST_BYTES: number = 1024 * 1024

/** The bytes of a manifest. */
export function formatArchiveManifest(manifest: ArchiveManifest): Buffer {
  return Buffer.from(canonicalize(manifest), 'utf8')
}

const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const NODE = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
const OBJECT = /^(?:entries\.bundle|parts-[a-z][a-z0-9-]{0,63}\.bin)$/
const CLASS = /^[a-z][a-z0-9-]{0,63}$/
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const KNOWN = new Set(
  'after before classes dictionary first frontier hi last lo objects origin period v'.split(' '),
)

/**
 * Reads a manifest strictly: canonical JSON, every member in its form, none too many.
 *
 * @throws TypeError naming the first thing that is wrong
 */
export function parseArchiveManifest(bytes: Uint8Array): ArchiveManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw new TypeError('the manifest is too long')
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch (cause) {
    throw new TypeError('the manifest is not canonical JSON', { cause })
  }
  const m = objectAt('the manifest', value)
  const unknown = Object.keys(m).find(key => !KNOWN.has(key))
  need(unknown === undefined, `an unknown member ${JSON.stringify(unknown)}`)
  need(m['v'] === 1, 'another version')
  for (const key of ['lo', 'hi', 'first', 'last']) need(isCount(m[key]), `no whole number at "${key}"`)
  need((m['lo'] as number) < (m['hi'] as number), 'an empty range')
  for (const key of ['origin', 'period', 'after']) need(typeof m[key] === 'string', `no text at "${key}"`)
  need(
    m['lo'] === 0 ? m['before'] === undefined : typeof m['before'] === 'string',
    '"before" where it should not, or none',
  )
  need(typeof m['dictionary'] === 'string' && HASH.test(m['dictionary']), 'no hash at "dictionary"')
  const frontier = m['frontier']
  need(
    Array.isArray(frontier) && frontier.every(node => typeof node === 'string' && NODE.test(node)),
    'no hashes at "frontier"',
  )
  for (const [name, entry] of Object.entries(objectAt('"classes"', m['classes']))) {
    const { count, positions, ...more } = objectAt('"classes"', entry)
    need(
      CLASS.test(name) &&
        isCount(count) &&
        typeof positions === 'string' &&
        HASH.test(positions) &&
        none(more),
      'a class that is none',
    )
  }
  const objects = objectAt('"objects"', m['objects'])
  for (const [name, entry] of Object.entries(objects)) {
    const { bytes: length, sha256, retain, ...more } = objectAt('"objects"', entry)
    need(
      OBJECT.test(name) &&
        isCount(length) &&
        typeof sha256 === 'string' &&
        HASH.test(sha256) &&
        (retain === null || (typeof retain === 'string' && ISO.test(retain))) &&
        none(more),
      'an object that is none',
    )
  }
  need(Object.hasOwn(objects, 'entries.bundle'), 'no entries')
  return value as ArchiveManifest
}

function objectAt(place: string, value: unknown): Record<string, unknown> {
  need(isObject(value), `no object at ${place}`)
  return value as Record<string, unknown>
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function none(more: object): boolean {
  return Object.keys(more).length === 0
}

function need(met: boolean, what: string): void {
  if (!met) throw new TypeError(`the manifest has ${what}`)
}
