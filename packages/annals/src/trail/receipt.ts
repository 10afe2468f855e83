import { formatProof, parseCheckpoint, parseNote, proveInclusion } from '@annals/tlog'
import { sha256Bytes } from '../log/digest.ts'
import { readEntry } from '../log/entry.ts'
import type { Positioned } from '../log/log-store.ts'
import type { DisclosedSecrets } from '../log/readable-store.ts'
import type { StoredRecord } from '../log/record-bytes.ts'
import type { Store } from '../log/store.ts'
import { type TileSource, treeReader } from '../log/tree-reader.ts'
import { AnnalsError } from '../model/index.ts'
import { type Disclose, formatParts, type SaltedPart, saltedParts } from './disclose.ts'
import type { ReceiptOptions } from './trail.ts'

/** What a receipt is made from. */
export interface ReceiptSource extends TileSource {
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  /** Called only when parts are to be disclosed. */
  secrets(): Promise<DisclosedSecrets>
}

/**
 * Portable proof that an event is in the log: C2SP tlog-proof text. Its extra data are the canonical JSON `{entry}`, so that
 * whoever holds the receipt can compute the leaf, or `{entry, parts}` with the parts to be disclosed and their salts.
 *
 * @param checkpoint a signed checkpoint whose tree holds the position
 * @throws AnnalsError ANNALS_NOT_FOUND when it does not, and what `saltedParts` throws
 */
export async function makeReceipt(
  source: ReceiptSource,
  index: number,
  checkpoint: Uint8Array,
  { disclose = [] }: ReceiptOptions = {},
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
  if (stored.record.thinned !== undefined) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `The entry at position ${index} is past its retention.`, {
      hint: 'Nothing but its leaf hash is left. A receipt that was made before still holds.',
    })
  }
  const text = stored.record.entry.toString('latin1')
  const parts = disclose.length === 0 ? [] : await disclosed(source, index, stored.record, disclose)
  const hashes = await proveInclusion(sha256Bytes, size, index, treeReader(source, size))
  // Entry and parts are canonical already, and their names are in order.
  const extra = `{"entry":${text}${parts.length === 0 ? '' : `,"parts":${formatParts(parts)}`}}`
  return formatProof({ extra: Buffer.from(extra), index, hashes, checkpoint })
}

async function disclosed(
  source: ReceiptSource,
  index: number,
  record: StoredRecord,
  disclose: Disclose,
): Promise<readonly SaltedPart[]> {
  const secrets = await source.secrets()
  try {
    return await saltedParts(secrets, index, readEntry(record.entry.toString('latin1')), record, disclose)
  } finally {
    secrets.close()
  }
}

/** The secrets of a store that is open for writing. */
export async function secretsOf({ keys, log }: Pick<Store, 'keys' | 'log'>): Promise<DisclosedSecrets> {
  const chunks = await log.chunks()
  return {
    async chunkOf(index) {
      const chunk = chunks.findLast(one => one.lo <= index)
      if (chunk === undefined)
        throw new AnnalsError('ANNALS_NOT_FOUND', `There is no entry at position ${index}.`)
      return chunk.lo
    },
    secrets: keys.secrets.bind(keys),
    subjectsById: keys.subjectsById.bind(keys),
    close() {},
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item]
  return []
}
