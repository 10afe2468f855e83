import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { checkStaged, expectedOf } from '../../../lifecycle/archive/check-staged.ts'
import { type ArchiveKeys, type ChunkSource, encodeChunk } from '../../../lifecycle/archive/encode-chunk.ts'
import type { ObjectSink, WrittenObject } from '../../../lifecycle/archive/hashed-object.ts'
import type { SealManifest } from '../../../log/log-store.ts'

/** Writes the objects of a chunk into a directory that is there and empty, and reads them back. */
export async function stageFiles(
  seal: SealManifest,
  records: ChunkSource['records'],
  keys: ArchiveKeys,
  into: string,
): Promise<WrittenObject[]> {
  const written = await writeFiles(seal, records, keys, into)
  const names = written.map(one => one.name)
  await checkStaged(expectedOf(seal), names, name => createReadStream(join(into, name)), keys)
  return written
}

async function writeFiles(
  { origin, lo, hi }: SealManifest,
  records: ChunkSource['records'],
  keys: ArchiveKeys,
  into: string,
): Promise<WrittenObject[]> {
  const files: FileHandle[] = []
  try {
    return await encodeChunk({ origin, lo, hi, records }, keys, async name => {
      const file = await open(join(into, name), 'wx', 0o600)
      files.push(file)
      return sinkOf(file)
    })
  } finally {
    for (const file of files) await file.close()
  }
}

function sinkOf(file: FileHandle): ObjectSink {
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
    },
    end: () => {},
  }
}
