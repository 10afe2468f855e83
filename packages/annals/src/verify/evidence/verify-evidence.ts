import { createHash } from 'node:crypto'
import { canonicalize } from '@annals/tlog'
import { isoTime } from '../../log/read-event.ts'
import { AnnalsError } from '../../model/index.ts'
import { headerOnly, matcher, parseQuery, type Resolved, resolveQuery } from '../../query/index.ts'
import { checkNote } from '../check-note.ts'
import { Findings } from '../findings.ts'
import type { VerifyReport } from '../report.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import { type EvidenceFiles, readSmall } from './bundle.ts'
import { evidenceClaim } from './claim.ts'
import { Lines } from './lines.ts'
import {
  CHECKPOINT,
  EVENTS,
  type EvidenceManifest,
  LISTED,
  type ListedFile,
  MANIFEST,
  MANIFEST_DIGEST,
  POLICY,
  parseManifest,
  TREE,
} from './manifest.ts'
import { missingCounters } from './missing-counters.ts'
import { TreeCheck } from './tree-check.ts'

/** Most bytes of the files that are read whole. */
const SMALL = 16 * 1024 * 1024

/** What the check of an evidence bundle says. `size` and `root` are of the log's tree, `checked` counts entries. */
export interface EvidenceReport extends VerifyReport {
  /** Events in the bundle. */
  readonly count: number
  /** The query that they are said to match; undefined without a manifest. */
  readonly query: string | undefined
}

/** How a bundle is checked. */
export interface EvidenceOptions {
  /** Keys from elsewhere; undefined trusts the bundle's own suggestion, and the claim says so. */
  readonly policy: TrustPolicy | undefined
  /** Reads the policy of the bundle itself. @throws when it is none */
  readonly parsePolicy: (text: string) => TrustPolicy
  /** Told how many positions of the tree are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Checks a bundle, `spec/evidence-v1.md` section 6, and nothing but it: no log, no network. */
export async function checkEvidence(files: EvidenceFiles, options: EvidenceOptions): Promise<EvidenceReport> {
  const findings = new Findings()
  const names = new Set(await files.names())
  for (const name of [...LISTED, MANIFEST, MANIFEST_DIGEST])
    if (!names.has(name)) findings.add('E_FILE', undefined, `${name} is missing.`)
  for (const name of names)
    if (![...LISTED, MANIFEST, MANIFEST_DIGEST].includes(name))
      findings.add(
        'W_FILE',
        undefined,
        `${JSON.stringify(name)} does not belong to the bundle: nothing is known about it.`,
      )
  const manifest = names.has(MANIFEST) ? await readManifest(files, names, findings) : undefined
  const small = new Map<string, Buffer>()
  for (const name of [CHECKPOINT, POLICY]) {
    const bytes = names.has(name) ? await readSmall(files, name, SMALL) : undefined
    if (bytes === undefined) continue
    small.set(name, bytes)
    checkFile(name, { bytes: bytes.length, sha256: digestOf(bytes) }, manifest, findings)
  }
  const policy = options.policy ?? ownPolicy(small.get(POLICY), options, findings)
  const note = small.get(CHECKPOINT)
  const checkpoint =
    note === undefined || policy === undefined
      ? undefined
      : await checkNote(note, policy, 'The checkpoint', findings)
  if (manifest === undefined || !names.has(TREE)) {
    return report(findings, { manifest, root: '', checked: 0, erased: 0, count: 0 }, options)
  }
  if (checkpoint !== undefined && checkpoint.size !== manifest.size)
    findings.add(
      'E_MANIFEST',
      undefined,
      `The manifest names ${manifest.size} entries, the checkpoint ${checkpoint.size}.`,
    )
  if (checkpoint !== undefined && checkpoint.origin !== manifest.origin)
    findings.add('E_ORIGIN', undefined, 'The manifest names another log than the checkpoint.')
  const query = resolved(manifest)
  if (query === undefined) findings.add('E_MANIFEST', undefined, 'The query of the manifest cannot be read.')
  const decided = query !== undefined && headerOnly(query)
  const meets = decided ? matcher(query, { includeLog: manifest.includeLog }) : undefined
  const tree = new TreeCheck(manifest, meets, findings)
  await compareEvents(files, names, tree, manifest, findings, options)
  const { erased, authorities, thinned } = tree.end()
  const root = tree.root()
  if (
    checkpoint !== undefined &&
    root !== undefined &&
    root !== Buffer.from(checkpoint.root).toString('latin1')
  )
    findings.add('E_ROOT', undefined, 'tree.ndjson does not lead to the signed root.')
  checkCounts(tree, thinned, manifest, findings)
  const facts = {
    manifest,
    root: root === undefined ? '' : Buffer.from(root, 'latin1').toString('base64'),
    checked: tree.entries,
    erased,
    count: tree.events,
    authorities,
    decided,
  }
  return report(findings, facts, options)
}

async function readManifest(
  files: EvidenceFiles,
  names: ReadonlySet<string>,
  findings: Findings,
): Promise<EvidenceManifest | undefined> {
  const bytes = await readSmall(files, MANIFEST, SMALL)
  const stated = names.has(MANIFEST_DIGEST) ? await readSmall(files, MANIFEST_DIGEST, 1_000) : undefined
  const digest = createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
  if (stated !== undefined && stated.toString('latin1') !== `${digest}  ${MANIFEST}\n`)
    findings.add('E_FILE', undefined, `${MANIFEST} is not what ${MANIFEST_DIGEST} says.`)
  const ends = bytes?.at(-1) === 10
  const manifest = bytes !== undefined && ends ? parseManifest(bytes.subarray(0, -1)) : undefined
  if (manifest === undefined)
    findings.add('E_MANIFEST', undefined, `${MANIFEST} is no manifest of version 1.`)
  return manifest
}

function ownPolicy(
  text: Buffer | undefined,
  { parsePolicy }: EvidenceOptions,
  findings: Findings,
): TrustPolicy | undefined {
  try {
    if (text !== undefined) return parsePolicy(text.toString('utf8'))
  } catch {
    // Said below, as when there is none.
  }
  findings.add('E_SIG_NONE', undefined, `No key to trust was given, and ${POLICY} has none.`)
  return undefined
}

function checkFile(
  name: string,
  is: ListedFile,
  manifest: EvidenceManifest | undefined,
  findings: Findings,
): void {
  const listed = manifest?.files[name]
  if (listed === undefined) return
  if (listed.bytes !== is.bytes)
    findings.add('E_FILE', undefined, `${name} has ${is.bytes} bytes; the manifest says ${listed.bytes}.`)
  else if (listed.sha256 !== is.sha256)
    findings.add('E_FILE', undefined, `${name} is altered: its SHA-256 is not that of the manifest.`)
}

function resolved({ query, made, timeZone }: EvidenceManifest): Resolved | undefined {
  try {
    return resolveQuery(parseQuery(query), { now: Date.parse(made), timeZone })
  } catch (error) {
    if (error instanceof AnnalsError || error instanceof RangeError || error instanceof TypeError)
      return undefined
    throw error
  }
}

/** Walks tree.ndjson and events.ndjson together: each event must be what its proven entry and parts say. */
async function compareEvents(
  files: EvidenceFiles,
  names: ReadonlySet<string>,
  tree: TreeCheck,
  manifest: EvidenceManifest,
  findings: Findings,
  { onProgress }: EvidenceOptions,
): Promise<void> {
  const proofs = new Lines(files.read(TREE))
  const events = names.has(EVENTS) ? new Lines(files.read(EVENTS)) : undefined
  let before = 0
  for (let line = await proofs.next(); line !== undefined; line = await proofs.next()) {
    const event = tree.add(line)
    onProgress?.(tree.position, manifest.size)
    if (tree.events === before) continue
    before = tree.events
    const said = await events?.next()
    if (events !== undefined && event !== undefined) checkEvent(event, said, before, findings)
  }
  if (proofs.cut) findings.add('E_FILE', undefined, `${TREE} ends within a line.`)
  checkFile(TREE, await proofs.end(), manifest, findings)
  if (events === undefined) return
  let more = 0
  while ((await events.next()) !== undefined) more++
  if (events.cut) findings.add('E_FILE', undefined, `${EVENTS} ends within a line.`)
  if (more > 0)
    findings.add(
      'E_EVENT_MISMATCH',
      undefined,
      `${EVENTS} has ${more} more lines than there are proven events.`,
    )
  checkFile(EVENTS, await events.end(), manifest, findings)
}

function checkEvent(
  event: { readonly index: number },
  said: Buffer | undefined,
  line: number,
  findings: Findings,
): void {
  if (said === undefined)
    findings.add('E_EVENT_MISMATCH', event.index, `${EVENTS} has no line ${line} for this event.`)
  else if (said.toString('utf8') !== canonicalize(event))
    findings.add(
      'E_EVENT_MISMATCH',
      event.index,
      `Line ${line} of ${EVENTS} is not what entry and parts say.`,
    )
}

/** What the manifest counts must be what is there. */
function checkCounts(tree: TreeCheck, thinned: number, manifest: EvidenceManifest, findings: Findings): void {
  const { count, first, last, gaps, complete, range } = manifest
  const wrong = (what: string): void =>
    findings.add('E_MANIFEST', undefined, `The manifest is wrong about ${what}.`)
  const timeOf = (ms: number | undefined): string | null => (ms === undefined ? null : isoTime(ms))
  if (count !== tree.events) wrong(`the number of events: it says ${count}, there are ${tree.events}`)
  if (first !== timeOf(tree.first) || last !== timeOf(tree.last)) wrong('the times of its events')
  if (canonicalize(gaps.recorded) !== canonicalize(tree.gaps)) wrong('the gaps that the log recorded')
  if (complete) {
    const found = thinned > 0 ? null : missingCounters(tree.counters.ranges(), range[0])
    if (canonicalize(gaps.counters) !== canonicalize(found)) wrong('the counters that are missing')
  }
  for (const { source, from, to } of gaps.counters ?? []) {
    findings.add(
      'E_SOURCE_GAP',
      undefined,
      `Source ${JSON.stringify(source)}: counters ${from} to ${to} are missing in the range; events were dropped before they were put in order, or removed.`,
    )
  }
  if (gaps.recorded.length > 0)
    findings.add(
      'W_GAP',
      gaps.recorded[0],
      `The log recorded ${gaps.recorded.length} gaps in the range, the first here.`,
    )
}

interface Facts {
  readonly manifest: EvidenceManifest | undefined
  readonly root: string
  readonly checked: number
  readonly erased: number
  readonly count: number
  readonly authorities?: number
  /** Headers decide whether an entry meets the query. */
  readonly decided?: boolean
}

function report(findings: Findings, facts: Facts, options: EvidenceOptions): EvidenceReport {
  const { manifest, root, checked, erased, count, authorities = 0, decided = false } = facts
  return {
    ok: !findings.failed,
    size: manifest?.size ?? 0,
    root,
    checked,
    erased,
    count,
    query: manifest?.query,
    findings: findings.sorted(),
    claim: evidenceClaim({
      ok: !findings.list.some(({ code }) => code.startsWith('E_') && code !== 'E_SOURCE_GAP'),
      pinned: options.policy !== undefined,
      manifest,
      count,
      erased,
      authorities,
      decided,
    }),
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}
