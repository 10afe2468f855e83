import {
  checkConsistency,
  type Hash,
  type HashReader,
  type ParsedCheckpoint,
  parseCheckpoint,
  parseCosignature,
  parseNote,
  proveConsistency,
  TlogError,
} from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { checkNote } from './check-note.ts'
import { Findings } from './findings.ts'
import type { Finding } from './report.ts'
import type { TrustPolicy } from './trust-policy.ts'

/** What comparing two checkpoints says. */
export interface CheckpointComparison {
  /** No E_ finding. It does not say that one extends the other: see `relation`. */
  readonly ok: boolean
  /**
   * `same` tree, the larger one `extends` the smaller, they `contradict` each other, or it is `unknown` for want of the log's
   * tiles or of readable notes.
   */
  readonly relation: 'same' | 'extends' | 'contradict' | 'unknown'
  readonly findings: readonly Finding[]
  /** What that proves and what not. */
  readonly claim: string
}

/** Where hashes of the log's tree can be read; nothing of it is believed. */
export interface ComparedLog {
  /** Entries it has now. */
  readonly size: number
  readonly origin: string
  /** Reads hashes of the tree over the first `size` entries. */
  reader(size: number): HashReader
}

interface Note extends ParsedCheckpoint {
  readonly bytes: Uint8Array
}

/**
 * Compares two checkpoints of one log.
 *
 * @param policy whom to trust; undefined leaves the signatures unchecked, and the claim says so
 * @param log where a proof that one extends the other can be made from
 */
export async function checkCheckpoints(
  first: Uint8Array,
  second: Uint8Array,
  policy: TrustPolicy | undefined,
  log: ComparedLog | undefined,
): Promise<CheckpointComparison> {
  const findings = new Findings()
  const a = await readNote(first, policy, 'The first checkpoint', findings)
  const b = await readNote(second, policy, 'The second checkpoint', findings)
  if (a === undefined || b === undefined) return conclude('unknown', undefined, policy, findings)
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  if (a.origin !== b.origin) {
    findings.add('E_ORIGIN', undefined, `They are of two logs: ${quoted(a.origin)} and ${quoted(b.origin)}.`)
    return conclude('unknown', undefined, policy, findings)
  }
  const isSame = equal(small.root, large.root)
  if (small.size === large.size) {
    if (!isSame)
      findings.add(
        'E_SPLIT_VIEW',
        undefined,
        `Two checkpoints over ${small.size} entries have different roots. Keep both notes: they are proof of misconduct.`,
      )
    return conclude(isSame ? 'same' : 'contradict', [small, large], policy, findings)
  }
  checkTimes(small, large, findings)
  const relation = await checkExtends(small, large, log, findings)
  return conclude(relation, [small, large], policy, findings)
}

async function readNote(
  bytes: Uint8Array,
  policy: TrustPolicy | undefined,
  whose: string,
  findings: Findings,
): Promise<Note | undefined> {
  if (policy !== undefined) {
    const opened = await checkNote(bytes, policy, whose, findings)
    return opened === undefined ? undefined : { ...opened, bytes }
  }
  try {
    return { ...parseCheckpoint(parseNote(bytes).text), bytes }
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add(error.code, undefined, `${whose} is no checkpoint.`)
    return undefined
  }
}

/** One and the same cosigner must not have seen the smaller tree after the larger one. */
function checkTimes(small: Note, large: Note, findings: Findings): void {
  const later = timesOf(large)
  for (const [key, time] of timesOf(small)) {
    const seen = later.get(key)
    if (seen !== undefined && time > seen) {
      findings.add(
        'E_ROLLBACK',
        small.size,
        `The tree of ${small.size} entries was signed ${time - seen} s after that of ${large.size}: a backup was restored, or the end was cut.`,
      )
      return
    }
  }
}

/** Times of cosignatures by key, in seconds, as the notes carry them. */
function timesOf({ bytes }: Note): Map<string, number> {
  const times = new Map<string, number>()
  for (const { name, keyId, signature } of parseNote(bytes).signatures)
    if (signature.length === 72 && !times.has(`${name}+${keyId}`))
      times.set(`${name}+${keyId}`, cosignedAt(signature) ?? 0)
  return times
}

function cosignedAt(signature: Uint8Array): number | undefined {
  try {
    return parseCosignature(signature).time
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

async function checkExtends(
  small: Note,
  large: Note,
  log: ComparedLog | undefined,
  findings: Findings,
): Promise<'extends' | 'contradict' | 'unknown'> {
  if (log === undefined) {
    findings.add(
      'W_NOT_COMPARED',
      undefined,
      'Whether the larger tree extends the smaller one needs the log or its tiles.',
    )
    return 'unknown'
  }
  if (log.origin !== large.origin) {
    findings.add(
      'E_ORIGIN',
      undefined,
      `The log given is ${quoted(log.origin)}, not ${quoted(large.origin)}.`,
    )
    return 'unknown'
  }
  if (log.size < large.size) {
    findings.add(
      'E_ROLLBACK',
      log.size,
      `The log given has ${log.size} entries, fewer than the ${large.size} that were signed.`,
    )
    return 'unknown'
  }
  try {
    const proof = await proofOf(small.size, large.size, log)
    checkConsistency(sha256Bytes, proof, small.size, small.root, large.size, large.root)
    return 'extends'
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add(
      'E_CONSISTENCY',
      small.size,
      `The log given does not show that the tree of ${large.size} entries extends that of ${small.size}: history was rewritten, or the log given is not the one that was signed. Keep both notes.`,
    )
    return 'contradict'
  }
}

async function proofOf(small: number, large: number, log: ComparedLog): Promise<readonly Hash[]> {
  return await proveConsistency(sha256Bytes, small, large, log.reader(large))
}

function conclude(
  relation: CheckpointComparison['relation'],
  notes: readonly [small: Note, large: Note] | undefined,
  policy: TrustPolicy | undefined,
  findings: Findings,
): CheckpointComparison {
  return {
    ok: !findings.failed,
    relation,
    findings: findings.sorted(),
    claim: claimOf(relation, notes, policy, findings.failed),
  }
}

function claimOf(
  relation: CheckpointComparison['relation'],
  notes: readonly [small: Note, large: Note] | undefined,
  policy: TrustPolicy | undefined,
  failed: boolean,
): string {
  const [small, large] = notes ?? []
  const unsigned =
    policy === undefined ? " Nobody's signature was checked: give the key or policy you keep elsewhere." : ''
  if (failed || small === undefined || large === undefined)
    return `The checkpoints cannot both be true of one log: see the findings.${unsigned}`
  if (relation === 'same')
    return `Both are of the same ${small.size} entries of ${small.origin}: whoever has them sees the same history.${unsigned}`
  if (relation === 'extends')
    return `The ${large.size} entries of ${large.origin} begin with the same ${small.size}: nothing signed before was rewritten.${unsigned}`
  return `They do not contradict each other, and it is not proved that one extends the other.${unsigned}`
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function quoted(text: string): string {
  return JSON.stringify(text)
}
