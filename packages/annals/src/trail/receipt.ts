import { canonicalize, formatProof, parseCheckpoint, parseNote, proveInclusion } from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import type { Positioned } from '../log/log-store.ts'
import { type TileSource, treeReader } from '../log/tree-reader.ts'
import { AnnalsError } from '../model/index.ts'

/** What a receipt is made from. */
export interface ReceiptSource extends TileSource {
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
}

/**
 * Portable proof that an event is in the log: C2SP tlog-proof text. Its extra data are the canonical JSON `{entry}`, so that
 * whoever holds the receipt can compute the leaf.
 *
 * @param checkpoint a signed checkpoint whose tree holds the position
 * @throws AnnalsError ANNALS_NOT_FOUND when it does not
 */
export async function makeReceipt(
  source: ReceiptSource,
  index: number,
  checkpoint: Uint8Array,
): Promise<string> {
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  if (index >= size) {
    throw new AnnalsError(
      'ANNALS_NOT_FOUND',
      `Position ${index} is in no signed checkpoint yet; the latest covers ${size} entries.`,
      {
        hint: 'A checkpoint follows within a second while a writer runs.',
      },
    )
  }
  const [[stored] = []] = await firstOf(source.read(index, index + 1))
  if (stored === undefined)
    throw new AnnalsError('ANNALS_NOT_FOUND', `There is no entry at position ${index}.`)
  // Entries are canonical, so the parsed form gives the very bytes back.
  const entry: unknown = JSON.parse(stored.record.entry.toString('latin1'))
  const hashes = await proveInclusion(sha256Bytes, size, index, treeReader(source, size))
  return formatProof({ extra: Buffer.from(canonicalize({ entry })), index, hashes, checkpoint })
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item]
  return []
}
