import { parseEntry } from '../log/entry.ts'
import { OUTCOME_RESULTS, PHASES } from '../model/index.ts'

/** What verification needs of an entry that was parsed strictly. */
export interface StrictEntry {
  readonly action: string
  /** `"name":"commitment"` joined by commas, sorted by name. */
  readonly commitments: string
  readonly id: string
  readonly retention: string
  readonly source: string
  readonly counter: number
  readonly recordedAt: number
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
const HALF = '[A-Za-z0-9_-]{21}[AQgw]'
const COMMITMENT = '"[a-z]{1,16}":"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
const WHOLE = '0|[1-9][0-9]{0,15}'

// The canonical form of an entry is one regular language but for the order of names and the bound of numbers.
const ENTRY = new RegExp(
  `^\\{"a":"([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*)","c":\\{((?:${COMMITMENT}(?:,${COMMITMENT})*)?)\\},"i":"(${UUID})"` +
    `(?:,"k":"${HALF}")?,"n":"${HALF}","o":"(?:${OUTCOME_RESULTS.join('|')})"(?:,"op":"${UUID}")?,"p":"(?:${PHASES.join('|')})",` +
    `"r":"([a-z][a-z0-9-]{0,63})","s":\\["([0-9a-f]{16}/(?:0|[1-9][0-9]*))",([1-9][0-9]{0,15})\\],"t":(${WHOLE}),"v":1\\}$`,
)

/**
 * Parses an entry as strictly as `parseEntry`, in one pass. Law: it returns undefined for the bytes that `parseEntry`
 * refuses, and only for those.
 *
 * @param text the entry's bytes as latin1
 */
export function readStrictEntry(text: string): StrictEntry | undefined {
  const match = ENTRY.exec(text)
  if (match === null) return undefined
  const counter = Number(match[6])
  const recordedAt = Number(match[7])
  if (!Number.isSafeInteger(counter) || !Number.isSafeInteger(recordedAt)) return undefined
  const commitments = match[2] as string
  if (!namesAscend(commitments)) return undefined
  return {
    action: match[1] as string,
    commitments,
    id: match[3] as string,
    retention: match[4] as string,
    source: match[5] as string,
    counter,
    recordedAt,
  }
}

/** Characters of `:"` + commitment + `"` after a name's closing quote. */
const AFTER_NAME = 46

function namesAscend(commitments: string): boolean {
  let last = ''
  for (let at = 0; at < commitments.length; ) {
    const end = commitments.indexOf('"', at + 1)
    const name = commitments.slice(at + 1, end)
    if (name <= last) return false
    last = name
    at = end + AFTER_NAME + 2
  }
  return true
}

/** One part that an entry commits to. */
export interface Committed {
  readonly name: string
  /** base64url of 32 bytes. */
  readonly commitment: string
}

/** Takes the commitments of a strict entry apart. */
export function splitCommitments(commitments: string): Committed[] {
  const found: Committed[] = []
  for (let at = 0; at < commitments.length; ) {
    const end = commitments.indexOf('"', at + 1)
    found.push({
      name: commitments.slice(at + 1, end),
      commitment: commitments.slice(end + 3, end + AFTER_NAME),
    })
    at = end + AFTER_NAME + 2
  }
  return found
}

/** Why `parseEntry` refuses these bytes; undefined when it does not. */
export function entryFault(
  bytes: Uint8Array,
): { readonly code: string; readonly message: string } | undefined {
  try {
    parseEntry(bytes)
    return undefined
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return { code: code ?? 'E_ENTRY_FORMAT', message }
  }
}
