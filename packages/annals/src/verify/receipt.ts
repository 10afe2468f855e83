// Nothing of Node.js is reached from here: a browser checks receipts with this file.

import {
  canonicalize,
  checkInclusion,
  leafHash,
  type OpenedCheckpoint,
  type ParsedTlogProof,
  parseCanonical,
  parseCosignature,
  parseProof,
  type Sha256,
  TlogError,
  toBase64,
} from '@annals/tlog'
import { type Entry, EntryError, parseEntry } from '../log/entry.ts'
import { isObject } from '../log/parts.ts'
import { isoTime } from '../log/read-event.ts'
import { checkNote } from './check-note.ts'
import { type DisclosedEvent, disclosedEvent } from './disclosed-event.ts'
import { checkDisclosedParts } from './disclosed-parts.ts'
import { Findings } from './findings.ts'
import type { Finding } from './report.ts'
import type { TrustPolicy } from './trust-policy.ts'

/** What the check of a receipt says. */
export interface ReceiptReport {
  /** No finding. */
  readonly ok: boolean
  /** The event as far as it was disclosed; absent unless the receipt holds. */
  readonly event?: DisclosedEvent
  /** The signed checkpoint that the event is in; absent unless the receipt holds. */
  readonly checkpoint?: {
    readonly origin: string
    readonly size: number
    /** Base64. */
    readonly root: string
    /** ISO 8601 times at which trusted witnesses cosigned it, earliest first. */
    readonly witnessed: readonly string[]
  }
  readonly findings: readonly Finding[]
  /** What the receipt proves and what not, one or two sentences. */
  readonly claim: string
}

const encoder = new TextEncoder()
/** The last millisecond that ISO 8601 has a date for in ECMAScript. */
const LATEST = 8.64e15

/**
 * Checks a receipt, `spec/log-v1.md` section 9: checkpoint, leaf, inclusion, and each disclosed part.
 *
 * @param sha SHA-256
 * @param text the receipt; nothing in it is believed
 * @param policy keys that the checker has from elsewhere
 */
export async function checkReceipt(
  sha: Sha256,
  text: string | Uint8Array,
  policy: TrustPolicy,
): Promise<ReceiptReport> {
  const findings = new Findings()
  const proof = readProof(text, findings)
  if (proof === undefined) return refused(findings)
  const checkpoint = await checkNote(encoder.encode(proof.checkpoint), policy, 'The checkpoint', findings)
  const extra = readExtra(proof.extra, findings)
  if (extra === undefined) return refused(findings)
  if (checkpoint !== undefined) checkLeaf(sha, proof, extra.bytes, checkpoint, findings)
  const parts = checkDisclosedParts(sha, extra.entry, proof.index, extra.parts, findings)
  if (checkpoint === undefined || findings.list.length > 0) return refused(findings)
  const event = disclosedEvent(proof.index, extra.entry, parts)
  return {
    ok: true,
    event,
    checkpoint: {
      origin: checkpoint.origin,
      size: checkpoint.size,
      root: toBase64(checkpoint.root),
      witnessed: timesOf(checkpoint),
    },
    findings: [],
    claim: claimOf(extra.entry, event, checkpoint),
  }
}

function readProof(text: string | Uint8Array, findings: Findings): ParsedTlogProof | undefined {
  try {
    return parseProof(text)
  } catch (error) {
    report(error, undefined, findings)
    return undefined
  }
}

interface Extra {
  readonly entry: Entry
  /** Canonical bytes of the entry. */
  readonly bytes: Uint8Array
  readonly parts: unknown
}

function readExtra(extra: Uint8Array | undefined, findings: Findings): Extra | undefined {
  if (extra === undefined) {
    findings.add('E_PROOF_FORMAT', undefined, 'The receipt has no extra line, so no entry.')
    return undefined
  }
  try {
    const value = parseCanonical(extra)
    if (!isObject(value) || Object.keys(value).some(key => key !== 'entry' && key !== 'parts')) {
      findings.add('E_PROOF_FORMAT', undefined, 'The extra line is not {"entry"} or {"entry", "parts"}.')
      return undefined
    }
    if (!isObject(value['entry'])) throw new EntryError('E_ENTRY_FORMAT', 'there is no entry')
    const bytes = encoder.encode(canonicalize(value['entry']))
    const entry = parseEntry(bytes)
    if (entry.recordedAt > LATEST) throw new EntryError('E_ENTRY_FORMAT', '"t" is no time')
    return { entry, bytes, parts: value['parts'] === undefined ? {} : value['parts'] }
  } catch (error) {
    report(error, undefined, findings)
    return undefined
  }
}

function checkLeaf(
  sha: Sha256,
  { hashes, index }: ParsedTlogProof,
  entry: Uint8Array,
  checkpoint: OpenedCheckpoint,
  findings: Findings,
): void {
  try {
    checkInclusion(sha, hashes, checkpoint.size, checkpoint.root, index, leafHash(sha, entry))
  } catch (error) {
    report(error, index, findings)
  }
}

function report(error: unknown, index: number | undefined, findings: Findings): void {
  if (!(error instanceof TlogError) && !(error instanceof EntryError)) throw error
  findings.add(error.code, index, `${error.message.replace(/^E_[A-Z_0-9]+: /, '')}.`)
}

function refused(findings: Findings): ReceiptReport {
  return {
    ok: false,
    findings: findings.sorted(),
    claim: 'Nothing is proved: see the findings.',
  }
}

/** Times of verified cosignatures; those of another type have none. */
function timesOf({ witnessed }: OpenedCheckpoint): string[] {
  return witnessed
    .flatMap(({ signature }) => (signature.length === 72 ? [parseCosignature(signature).time] : []))
    .filter(seconds => seconds * 1000 <= LATEST)
    .sort((a, b) => a - b)
    .map(seconds => isoTime(seconds * 1000))
}

function claimOf(entry: Entry, event: DisclosedEvent, checkpoint: OpenedCheckpoint): string {
  const disclosed = Object.keys(entry.commitments)
    .sort()
    .filter(name => event.undisclosed?.includes(name) !== true)
  const undisclosed = event.undisclosed ?? []
  const [first] = timesOf(checkpoint)
  const parts =
    disclosed.length === 0
      ? 'none of its content is disclosed'
      : `${listed(disclosed)} ${disclosed.length === 1 ? 'is' : 'are'} what was recorded`
  const rest =
    disclosed.length > 0 && undisclosed.length > 0 ? `; not disclosed: ${undisclosed.join(', ')}` : ''
  const time = first === undefined ? '' : `, cosigned by a witness at ${first}`
  return `Event ${entry.id} (${entry.action}, ${entry.result}) is entry ${event.index} of the log ${checkpoint.origin}, as signed over ${checkpoint.size} entries${time}; ${parts}${rest}.`
}

function listed(names: readonly string[]): string {
  return `${names.length === 1 ? 'part' : 'parts'} ${names.map(name => `"${name}"`).join(', ')}`
}
