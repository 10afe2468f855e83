import { type Checkpoint, parseCheckpoint, parseNote } from '@annals/tlog'
import { compareHeads, type KnownHead } from '../../../verify/checkpoint-check.ts'
import type { Findings } from '../../../verify/findings.ts'
import type { VerifyOptions } from '../../../verify/report.ts'
import type { TimeBound } from '../../../verify/time-bounds.ts'
import { type DatedHead, datedHead, readKeptCheckpoints, type Stamp } from './kept-checkpoints.ts'
import type { Known } from './known.ts'
import type { TreeCheck } from './tree-check.ts'
import { openTrusted, type Trust } from './trust.ts'

/** Heads that the entries must lead to. */
export interface Heads {
  readonly published: DatedHead | undefined
  /** Given by the caller, who kept it. */
  readonly kept: DatedHead | undefined
  readonly remembered: KnownHead | undefined
  /** Kept by the log where chunks ended, by size. */
  readonly boundaries: readonly DatedHead[]
  /** Sizes of these, and of those that could not be opened. */
  readonly keptSizes: ReadonlySet<number>
  readonly stamps: readonly Stamp[]
  /** Most entries that anyone is known to have signed. */
  readonly signed: number
}

/** Opens the published checkpoint and those kept from earlier, and compares what can be compared without entries. */
export async function readHeads(
  known: Known,
  trust: Trust,
  { against, checkToken }: Pick<VerifyOptions, 'against' | 'checkToken'>,
  checkpoints: string,
  findings: Findings,
): Promise<Heads> {
  const remembered = known.signedHead === 'damaged' ? undefined : known.signedHead
  if (known.signedHead === 'damaged')
    findings.add(
      'E_NOTE_FORMAT',
      undefined,
      'keys/signed-head.json, in which the signer remembers what it signed last, cannot be read: the log is not held against it.',
    )
  checkOrigin(known, trust, findings)
  const open = async (note: Uint8Array | undefined, whose: string): Promise<DatedHead | undefined> => {
    const opened = note && (await openTrusted(note, trust, whose, 'asked', findings))
    return opened && datedHead(opened, trust)
  }
  const published = await open(known.checkpoint, 'The checkpoint')
  const kept = await open(against, 'The checkpoint kept from earlier')
  const {
    heads: boundaries,
    sizes: keptSizes,
    stamps,
  } = await readKeptCheckpoints(checkpoints, trust, findings, checkToken)
  if (published !== undefined && kept !== undefined) compareHeads(kept, published, findings)
  if (
    published !== undefined &&
    remembered !== undefined &&
    published.size < remembered.size &&
    known.clean
  ) {
    findings.add(
      'E_ROLLBACK',
      published.size,
      `The checkpoint has ${published.size} entries, and the signer remembers to have signed ${remembered.size}.`,
    )
  }
  const boundary = boundaries.at(-1)
  if (published !== undefined && boundary !== undefined && published.size < boundary.size && known.clean)
    findings.add(
      'E_ROLLBACK',
      published.size,
      `The checkpoint has ${published.size} entries, and one over ${boundary.size} was kept where a chunk ended.`,
    )
  const claimed = published?.size ?? claimedSize(known.checkpoint)
  return {
    published,
    kept,
    remembered,
    boundaries,
    keptSizes,
    stamps,
    signed: Math.max(claimed, kept?.size ?? 0, remembered?.size ?? 0, boundary?.size ?? 0),
  }
}

/** Sizes at which the tree is asked about heads. */
export function headSizes({ published, kept, remembered, boundaries }: Heads): number[] {
  return [published, kept, remembered, ...boundaries].flatMap(head => (head === undefined ? [] : [head.size]))
}

/** What the heads say about times. */
export function headBounds({ published, kept, boundaries, stamps }: Heads): TimeBound[] {
  return [...[published, kept, ...boundaries].flatMap(head => head?.bound ?? []), ...stamps]
}

function checkOrigin({ origin }: Known, { policy }: Trust, findings: Findings): void {
  if (policy === undefined) return
  if (origin === undefined)
    findings.add('E_ORIGIN', undefined, 'annals.json, which names the log, is missing or damaged.')
  else if (!policy.origins.includes(origin))
    findings.add(
      'E_ORIGIN',
      undefined,
      `The directory says it is the log ${origin}; the key is that of ${policy.origins.join(', ')}.`,
    )
}

/** Reports heads that the entries do not reach or do not lead to. */
export function checkHeads(
  heads: Heads,
  known: Known,
  tree: TreeCheck,
  size: number,
  findings: Findings,
): void {
  const { published, kept, remembered, boundaries } = heads
  if (known.checkpoint === undefined) {
    // A signer remembers before it publishes: a writer that died, or is about to publish its first, has only remembered.
    const first = !known.clean && boundaries.length === 0
    const why =
      remembered !== undefined && remembered.size > 0 && !first
        ? `the signer remembers one over ${remembered.size} entries`
        : known.clean && size > 0
          ? 'the log was closed, which leaves one'
          : undefined
    if (why !== undefined)
      findings.add(
        'E_ROLLBACK',
        undefined,
        `There is no checkpoint, although ${why}: it was removed, or an older copy was restored.`,
      )
  }
  let right = 0
  const lead = (head: KnownHead | undefined, code: string, what: string): boolean => {
    if (head === undefined) return true
    if (head.size > size) {
      findings.add(
        code === 'E_ROOT' ? 'E_ENTRY_MISSING' : 'E_ROLLBACK',
        size,
        `${what} has ${head.size} entries; ${size} are there.`,
      )
      return false
    }
    const root = tree.rootAt(head.size)
    if (root === head.root) {
      right = Math.max(right, head.size)
      return true
    }
    if (root === undefined && findings.failed) return true
    const at =
      tree.differs >= 0 && tree.differs < head.size
        ? tree.differs
        : Math.min(right, Math.max(head.size - 1, 0))
    const where =
      at === tree.differs
        ? `position ${at} is the first that differs from the hash tiles`
        : `some entry from position ${at} to ${head.size - 1} is not what was signed`
    findings.add(
      code,
      at,
      `The entries do not give the root of ${what.toLowerCase()} over ${head.size} entries: ${where}.`,
    )
    return false
  }
  const same = (a: KnownHead | undefined, b: KnownHead | undefined): boolean =>
    a !== undefined && b !== undefined && a.size === b.size
  // Smaller heads first: a right one narrows where the next can be wrong.
  for (const head of boundaries)
    if (!lead(head, 'E_CONSISTENCY', 'The checkpoint kept where a chunk ended')) break
  if (!same(kept, published)) lead(kept, 'E_CONSISTENCY', 'The checkpoint kept from earlier')
  if (!(same(remembered, published) && remembered?.root === published?.root))
    lead(remembered, 'E_CONSISTENCY', 'The last head its signer remembers')
  lead(published, 'E_ROOT', 'The checkpoint')
}

/** Size that a checkpoint states, be it signed or not; 0 when it states none. */
function claimedSize(note: Uint8Array | undefined): number {
  try {
    const checkpoint: Checkpoint | undefined =
      note === undefined ? undefined : parseCheckpoint(parseNote(note).text)
    return checkpoint?.size ?? 0
  } catch {
    return 0
  }
}
