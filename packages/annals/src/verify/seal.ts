import { fromBase64, parseCanonical } from '@annals/tlog'
import { type Digest, sha256Base64Url } from '../log/digest.ts'
import { isRetentionClass } from '../log/entry.ts'
import type { SealedClass } from '../log/log-store.ts'
import { isObject } from '../log/parts.ts'

/** A `seal.json`, `spec/log-v1.md` section 16, read strictly. Nothing of it is believed yet. */
export interface Seal {
  readonly origin: string
  readonly period: string
  readonly lo: number
  readonly hi: number
  /** `recordedAt` of the first and last entry, ms. */
  readonly first: number
  readonly last: number
  readonly frontier: readonly Digest[]
  readonly before: Uint8Array | undefined
  readonly after: Uint8Array
  readonly classes: ReadonlyMap<string, SealedClass>
  /** SHA-256 of the whole file, base64url. */
  readonly sha256: string
}

const MEMBERS: ReadonlySet<string> = new Set([
  'after',
  'before',
  'classes',
  'first',
  'frontier',
  'hi',
  'last',
  'lo',
  'origin',
  'period',
  'v',
])
const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Reads a `seal.json`; why it is none otherwise. */
export function readSeal(bytes: Uint8Array): Seal | string {
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch (error) {
    return `it is not canonical JSON (${error instanceof Error ? error.message : String(error)})`
  }
  if (!isObject(value) || value['v'] !== 1) return 'it is no manifest of version 1'
  const stray = Object.keys(value).find(name => !MEMBERS.has(name))
  if (stray !== undefined) return `it has an unknown member ${JSON.stringify(stray)}`
  const { origin, period, lo, hi, first, last, before, after, frontier, classes } = value
  if (typeof origin !== 'string' || typeof period !== 'string') return 'it names no log or period'
  if (!isPosition(lo) || !isPosition(hi) || lo >= hi) return 'it names no range of positions'
  if (!isPosition(first) || !isPosition(last)) return 'it has no times'
  if (typeof after !== 'string' || (before !== undefined && typeof before !== 'string'))
    return 'it lacks its checkpoints'
  const hashes = Array.isArray(frontier) ? frontier.map(hashOf) : [undefined]
  if (hashes.some(hash => hash === undefined)) return 'its frontier is no list of hashes'
  const counted = isObject(classes) ? readClasses(classes) : undefined
  if (counted === undefined) return 'its classes are not counted'
  return {
    origin,
    period,
    lo,
    hi,
    first,
    last,
    frontier: hashes as Digest[],
    before: before === undefined ? undefined : Buffer.from(before),
    after: Buffer.from(after),
    classes: counted,
    sha256: sha256Base64Url(bytes),
  }
}

function readClasses(value: Record<string, unknown>): Map<string, SealedClass> | undefined {
  const classes = new Map<string, SealedClass>()
  for (const [name, counted] of Object.entries(value)) {
    if (!isRetentionClass(name) || !isObject(counted) || Object.keys(counted).length !== 2) return undefined
    const { count, positions } = counted
    if (!isPosition(count) || count === 0 || typeof positions !== 'string' || !HASH.test(positions))
      return undefined
    classes.set(name, { count, positions })
  }
  return classes
}

function hashOf(text: unknown): Digest | undefined {
  try {
    const bytes = typeof text === 'string' ? fromBase64(text) : undefined
    return bytes?.length === 32 ? Buffer.from(bytes).toString('latin1') : undefined
  } catch {
    return undefined
  }
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
