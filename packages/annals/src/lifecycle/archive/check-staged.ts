import { parseCheckpoint, parseNote } from '@annals/tlog'
import { type Digest, sha256 } from '../../log/digest.ts'
import { LeafTree } from '../../log/leaf-tree.ts'
import type { SealManifest } from '../../log/log-store.ts'
import { commitment, partSalt, partSecret } from '../../log/secrets.ts'
import { AnnalsError } from '../../model/index.ts'
import { type ArchivedEntry, decodeChunk } from './decode-chunk.ts'
import type { ArchiveKeys } from './encode-chunk.ts'
import { decodeSlot, slotKeyIds } from './slot.ts'

/** What a chunk in the form of an archive must lead to. */
export interface StagedExpectation {
  readonly origin: string
  readonly lo: number
  readonly hi: number
  /** Roots of the full subtrees over the first `lo` entries, base64. */
  readonly frontier: readonly string[]
  /** Root over the first `hi` entries, base64. */
  readonly root: string
}

/** What a sealed chunk must lead to. */
export function expectedOf({ origin, lo, hi, frontier, after }: SealManifest): StagedExpectation {
  const root = Buffer.from(parseCheckpoint(parseNote(Buffer.from(after)).text).root).toString('base64')
  return { origin, lo, hi, frontier, root }
}

/** Entries whose keys are looked up together. */
const TOGETHER = 256

/**
 * Reads a chunk back from the form of an archive, and holds its entries against the signed root and every part against its
 * commitment: what is uploaded then is known to be readable.
 *
 * @throws AnnalsError ANNALS_CORRUPT when something differs; nothing may be uploaded then
 */
export async function checkStaged(
  expected: StagedExpectation,
  objects: readonly string[],
  open: (name: string) => AsyncIterable<Uint8Array>,
  keys: ArchiveKeys,
): Promise<void> {
  const { lo, hi, frontier, root } = expected
  const tree = new LeafTree({
    size: lo,
    frontier: frontier.map(hash => Buffer.from(hash, 'base64').toString('latin1')),
  })
  let waiting: ArchivedEntry[] = []
  try {
    for await (const entry of decodeChunk({ lo, hi, objects }, open)) {
      tree.append(leafOf(entry), [])
      waiting.push(entry)
      if (waiting.length < TOGETHER) continue
      await checkParts(expected, waiting, keys)
      waiting = []
    }
    await checkParts(expected, waiting, keys)
  } catch (cause) {
    throw cause instanceof AnnalsError ? cause : unreadable('it cannot be read back', cause)
  }
  if (Buffer.from(tree.root(), 'latin1').toString('base64') !== root)
    throw unreadable('its entries do not give the root that was signed')
}

async function checkParts(
  { origin, lo }: StagedExpectation,
  entries: readonly ArchivedEntry[],
  keys: ArchiveKeys,
): Promise<void> {
  const seeds = new Map<string, Awaited<ReturnType<ArchiveKeys['secrets']>>>()
  const opened: { entry: ArchivedEntry; part: ArchivedEntry['parts'][number]; e: Digest; ids: string[] }[] =
    []
  for (const entry of entries) {
    for (const part of entry.parts) {
      if (part.slot === undefined) continue
      if (!seeds.has(entry.retention)) seeds.set(entry.retention, await keys.secrets(lo, entry.retention))
      const e = seeds.get(entry.retention)?.partSeed(entry.index - lo, part.name)
      if (e === undefined)
        throw unreadable(`the seed of part "${part.name}" at position ${entry.index} is gone`)
      opened.push({ entry, part, e, ids: slotKeyIds(part.slot, e) })
    }
  }
  const subjects = await keys.subjectsById([...new Set(opened.flatMap(({ ids }) => ids))])
  for (const { entry, part, e, ids } of opened) {
    const found = ids.map(id => subjects.get(id)?.key)
    if (part.slot === undefined || found.includes(undefined)) throw unreadable('a subject key is gone')
    const at = { origin, index: entry.index, name: part.name }
    const bytes = decodeSlot(at, part.slot, e, found as Digest[])
    if (commitment(partSalt(partSecret(e, found as Digest[])), part.name, bytes) !== part.commitment)
      throw unreadable(`part "${part.name}" at position ${entry.index} is not what was recorded`)
  }
}

function leafOf({ entry, thinned }: ArchivedEntry): Digest {
  return thinned === undefined
    ? sha256(Buffer.concat([Buffer.of(0), entry]))
    : thinned.leaf.toString('latin1')
}

function unreadable(why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `The chunk cannot be archived: ${why}.`, {
    cause,
    hint: 'Nothing was archived and nothing removed. Run verify.',
  })
}
