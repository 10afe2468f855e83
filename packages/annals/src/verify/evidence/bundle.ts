import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A bundle as it is read: a directory, or whatever holds its files. */
export interface EvidenceFiles {
  /** Names of everything in it. */
  names(): Promise<readonly string[]>
  /** Bytes of a file that is there. */
  read(name: string): AsyncIterable<Uint8Array>
}

/** The bundle in a directory. */
export function bundleDirectory(dir: string): EvidenceFiles {
  return {
    names: () => readdir(dir),
    read: name => createReadStream(join(dir, name), { highWaterMark: 256 * 1024 }),
  }
}

/** Whether a directory looks like a bundle: it has a manifest, or what only a bundle has. */
export async function isEvidence(dir: string): Promise<boolean> {
  for (const name of ['manifest.sha256', 'tree.ndjson']) {
    try {
      if ((await stat(join(dir, name))).isFile()) return true
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    }
  }
  return false
}

/** All bytes of a small file; undefined when it has more than `most`. */
export async function readSmall(
  files: EvidenceFiles,
  name: string,
  most: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of files.read(name)) {
    length += chunk.length
    if (length > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
