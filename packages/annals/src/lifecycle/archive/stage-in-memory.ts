import { ARCHIVE_DICTIONARY_ID } from '../../log/archive-dictionary.ts'
import type { SealManifest, StagedChunk } from '../../log/log-store.ts'
import { checkStaged, expectedOf } from './check-staged.ts'
import { type ArchiveKeys, type ChunkSource, encodeChunk } from './encode-chunk.ts'

/** Stages a chunk in memory, for a store that has no other place. */
export async function stageInMemory(
  seal: SealManifest,
  records: ChunkSource['records'],
  keys: ArchiveKeys,
): Promise<StagedChunk> {
  const objects = new Map<string, Buffer[]>()
  const { origin, lo, hi } = seal
  const written = await encodeChunk({ origin, lo, hi, records }, keys, name => {
    const pieces: Buffer[] = []
    objects.set(name, pieces)
    return { write: bytes => void pieces.push(bytes), end: () => {} }
  })
  const open = async function* (name: string): AsyncGenerator<Buffer, void, undefined> {
    yield* objects.get(name) ?? []
  }
  await checkStaged(
    expectedOf(seal),
    written.map(one => one.name),
    open,
    keys,
  )
  return {
    dictionary: ARCHIVE_DICTIONARY_ID,
    objects: written.map(one => ({
      ...one,
      open: () => open(one.name),
    })),
    discard: async () => objects.clear(),
  }
}
