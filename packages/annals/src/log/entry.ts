import { parseCanonical } from '@annals/tlog'
import { isPath, OUTCOME_RESULTS, type OutcomeResult, PHASES, type Phase } from '../model/index.ts'

/** Largest entry in bytes: its length travels as u16 in an entry bundle. */
export const MAX_ENTRY_BYTES = 65_535

/** What the tree commits to: a header without personal data and one commitment per part. See `spec/log-v1.md`. */
export interface Entry {
  readonly action: string
  /** Commitments by part name, base64url. */
  readonly commitments: Readonly<Record<string, string>>
  readonly id: string
  /** Idempotency, base64url of 16 bytes. */
  readonly key?: string
  readonly nonce: string
  readonly result: OutcomeResult
  /** Only when it differs from the id. */
  readonly operation?: string
  readonly phase: Phase
  readonly retention: string
  /** Source (`16 hex/boot`) and its counter, from 1. */
  readonly source: readonly [name: string, counter: number]
  /** Milliseconds since the epoch. */
  readonly recordedAt: number
}

/** A commitment with the name of its part, already in base64url. */
export interface NamedCommitment {
  readonly name: string
  readonly value: string
}

/**
 * Canonical text of an entry. Every value is restricted to characters that JSON leaves as they are (checked where it
 * entered), so the RFC 8785 order and form can be written down directly. `commitments` come sorted by name.
 */
export function formatEntry(
  e: Omit<Entry, 'commitments' | 'source' | 'key' | 'operation'> & {
    readonly key?: string | undefined
    readonly operation?: string | undefined
  },
  commitments: readonly NamedCommitment[],
  source: string,
  counter: number,
): string {
  let c = ''
  for (const { name, value } of commitments) c += `${c === '' ? '' : ','}"${name}":"${value}"`
  const k = e.key === undefined ? '' : `,"k":"${e.key}"`
  const op = e.operation === undefined ? '' : `,"op":"${e.operation}"`
  return `{"a":"${e.action}","c":{${c}},"i":"${e.id}"${k},"n":"${e.nonce}","o":"${e.result}"${op},"p":"${e.phase}","r":"${e.retention}","s":["${source}",${counter}],"t":${e.recordedAt},"v":1}`
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const SOURCE = /^[0-9a-f]{16}\/(?:0|[1-9][0-9]*)$/
const PART = /^[a-z]{1,16}$/
const HASH = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const HALF = /^[A-Za-z0-9_-]{21}[AQgw]$/
const CLASS = /^[a-z][a-z0-9-]{0,63}$/
const KNOWN = new Set(['a', 'c', 'i', 'k', 'n', 'o', 'op', 'p', 'r', 's', 't', 'v'])

/** Whether a text is a UUIDv7 in canonical lower case, the form of event and operation ids. */
export function isEventId(text: string): boolean {
  return UUID.test(text)
}

/** Whether a name may be a retention class: `[a-z][a-z0-9-]*`, at most 64 characters. */
export function isRetentionClass(name: string): boolean {
  return CLASS.test(name)
}

/** An entry that is not canonical (`E_CANON`) or breaks the format (`E_ENTRY_FORMAT`). */
export class EntryError extends Error {
  override readonly name = 'EntryError'
  readonly code: 'E_CANON' | 'E_ENTRY_FORMAT'

  constructor(code: 'E_CANON' | 'E_ENTRY_FORMAT', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/**
 * Parses entry bytes strictly: canonical form, known keys only, every field in its form.
 *
 * @throws EntryError
 */
export function parseEntry(bytes: Uint8Array): Entry {
  let value: unknown
  try {
    value = parseCanonical(bytes)
  } catch (error) {
    throw new EntryError('E_CANON', error instanceof Error ? error.message : String(error), error)
  }
  if (bytes.length > MAX_ENTRY_BYTES)
    throw new EntryError('E_ENTRY_FORMAT', `longer than ${MAX_ENTRY_BYTES} bytes`)
  return checkEntry(value)
}

/** Parses entry bytes whose hash the caller has checked or will check; only the shape is read. */
export function readEntry(text: string): Entry {
  const v = JSON.parse(text) as Record<string, unknown>
  return toEntry(v)
}

function checkEntry(value: unknown): Entry {
  const refuse = (what: string): never => {
    throw new EntryError('E_ENTRY_FORMAT', what)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('not an object')
  const v = value as Record<string, unknown>
  for (const key of Object.keys(v)) if (!KNOWN.has(key)) refuse(`unknown key ${JSON.stringify(key)}`)
  const text = (key: string, form: (s: string) => boolean): void => {
    if (typeof v[key] !== 'string' || !form(v[key])) refuse(`"${key}" is not in its form`)
  }
  if (v['v'] !== 1) refuse('"v" is not 1')
  text('a', isPath)
  text('i', isEventId)
  if (v['op'] !== undefined) text('op', isEventId)
  if (v['k'] !== undefined) text('k', s => HALF.test(s))
  text('n', s => HALF.test(s))
  text('o', s => (OUTCOME_RESULTS as readonly string[]).includes(s))
  text('p', s => (PHASES as readonly string[]).includes(s))
  text('r', isRetentionClass)
  if (!Number.isSafeInteger(v['t']) || (v['t'] as number) < 0) refuse('"t" is no time')
  const s = v['s']
  if (
    !Array.isArray(s) ||
    s.length !== 2 ||
    typeof s[0] !== 'string' ||
    !SOURCE.test(s[0]) ||
    !Number.isSafeInteger(s[1]) ||
    s[1] < 1
  )
    refuse('"s" is no [source, counter]')
  const c = v['c']
  if (typeof c !== 'object' || c === null || Array.isArray(c)) return refuse('"c" is no object')
  for (const [name, hash] of Object.entries(c)) {
    if (!PART.test(name) || typeof hash !== 'string' || !HASH.test(hash))
      refuse(`"c" has no commitment at ${JSON.stringify(name)}`)
  }
  return toEntry(v)
}

function toEntry(v: Record<string, unknown>): Entry {
  return {
    action: v['a'] as string,
    commitments: v['c'] as Record<string, string>,
    id: v['i'] as string,
    ...(v['k'] === undefined ? {} : { key: v['k'] as string }),
    nonce: v['n'] as string,
    result: v['o'] as OutcomeResult,
    ...(v['op'] === undefined ? {} : { operation: v['op'] as string }),
    phase: v['p'] as Phase,
    retention: v['r'] as string,
    source: v['s'] as [string, number],
    recordedAt: v['t'] as number,
  }
}
