import { parseCanonical } from '@annals/tlog'
import { isObject } from '../../log/parts.ts'

/** Files of a bundle, `spec/evidence-v1.md`. */
export const MANIFEST = 'manifest.json'
export const MANIFEST_DIGEST = 'manifest.sha256'
export const CHECKPOINT = 'checkpoint'
export const POLICY = 'policy.txt'
export const EVENTS = 'events.ndjson'
export const TREE = 'tree.ndjson'

/** Files that the manifest lists. */
export const LISTED: readonly string[] = [CHECKPOINT, EVENTS, POLICY, TREE]

/** A file as the manifest lists it. */
export interface ListedFile {
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
}

/** Counters of a source that no entry of the range has. */
export interface MissingCounters {
  readonly source: string
  readonly from: number
  /** Inclusive. */
  readonly to: number
}

/** Where the log is known to lack something within the range of a bundle. */
export interface Gaps {
  /** Positions of `log.gap` entries. */
  readonly recorded: readonly number[]
  /** Counters that are missing; null when entries of the range are past their retention, so that it cannot be said. */
  readonly counters: readonly MissingCounters[] | null
}

/** What the maker of a bundle says about it. Only what the check recomputes is proved. */
export interface EvidenceManifest {
  readonly v: 1
  readonly origin: string
  /** When the bundle was made, ISO 8601. */
  readonly made: string
  readonly query: string
  /** Zone of times in the query that name none. */
  readonly timeZone: string
  /** The log's own events were asked for, whatever the query. */
  readonly includeLog: boolean
  /** Entries of the log that the checkpoint covers. */
  readonly size: number
  /** Positions that were searched, half open. */
  readonly range: readonly [from: number, to: number]
  /** Every entry of the range is in the bundle, at least with its header. */
  readonly complete: boolean
  /** Names of disclosed parts, or `all`. */
  readonly disclose: 'all' | readonly string[]
  /** Events in events.ndjson. */
  readonly count: number
  /** `recordedAt` of the first and last of them, ISO 8601; null when there are none. */
  readonly first: string | null
  readonly last: string | null
  readonly gaps: Gaps
  readonly files: Readonly<Record<string, ListedFile>>
}

type Form = (value: unknown) => boolean

const text: Form = value => typeof value === 'string'
const whole: Form = value => Number.isSafeInteger(value) && (value as number) >= 0
const flag: Form = value => typeof value === 'boolean'
const instant: Form = value => text(value) && !Number.isNaN(Date.parse(value as string))
const list =
  (form: Form): Form =>
  value =>
    Array.isArray(value) && value.every(form)
const orNull =
  (form: Form): Form =>
  value =>
    value === null || form(value)
const members =
  (forms: Readonly<Record<string, Form>>): Form =>
  value =>
    isObject(value) &&
    Object.keys(value).length === Object.keys(forms).length &&
    Object.entries(forms).every(([name, form]) => Object.hasOwn(value, name) && form(value[name]))

const counters = list(members({ source: text, from: whole, to: whole }))
const file = members({ bytes: whole, sha256: value => text(value) && /^[\w-]{43}$/.test(value as string) })

const manifest = members({
  v: value => value === 1,
  origin: text,
  made: instant,
  query: text,
  timeZone: text,
  includeLog: flag,
  size: whole,
  range: value => list(whole)(value) && (value as unknown[]).length === 2,
  complete: flag,
  disclose: value => value === 'all' || list(text)(value),
  count: whole,
  first: orNull(instant),
  last: orNull(instant),
  gaps: members({ recorded: list(whole), counters: orNull(counters) }),
  files: value =>
    isObject(value) && Object.keys(value).sort().join() === LISTED.join() && Object.values(value).every(file),
})

/**
 * Reads a manifest strictly.
 *
 * @returns undefined when the bytes are no manifest of version 1
 */
export function parseManifest(bytes: Uint8Array): EvidenceManifest | undefined {
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch {
    return undefined
  }
  if (!manifest(value)) return undefined
  const read = value as EvidenceManifest
  return read.range[0] <= read.range[1] && read.range[1] <= read.size ? read : undefined
}
