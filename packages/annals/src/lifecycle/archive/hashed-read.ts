import { createHash } from 'node:crypto'
import { AnnalsError } from '../../model/index.ts'
import type { Archive } from './archive.ts'

/** Reads an object of an archive as a whole and says what it is; undefined when it is not there. Memory is constant. */
export async function hashObject(
  archive: Archive,
  name: string,
): Promise<{ readonly bytes: number; readonly sha256: string } | undefined> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const piece of archive.get(name)) {
      hash.update(piece)
      bytes += piece.length
    }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  return { bytes, sha256: hash.digest('base64url') }
}

/** A small object as a whole; undefined when it is not there. @throws AnnalsError ANNALS_CORRUPT when it is longer than `most` */
export async function readWhole(archive: Archive, name: string, most: number): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of archive.get(name)) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes > most)
        throw new AnnalsError('ANNALS_CORRUPT', `${name} in the archive is too long to be what it should be.`)
    }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
  return Buffer.concat(pieces, bytes)
}

function isAbsent(error: unknown): boolean {
  return error instanceof AnnalsError && error.code === 'ANNALS_NOT_FOUND'
}
