import { createReadStream, rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ArchiveKeys } from '../../../lifecycle/archive/encode-chunk.ts'
import type { WrittenObject } from '../../../lifecycle/archive/hashed-object.ts'
import { ARCHIVE_DICTIONARY_ID } from '../../../log/archive-dictionary.ts'
import type { LogStore, Positioned, SealManifest, StagedChunk } from '../../../log/log-store.ts'
import type { KeyEncryption } from '../keys/key-encryption.ts'
import type { Layout } from '../layout.ts'
import type { SharedState } from '../shared-state.ts'
import { moduleBeside, Thread } from '../thread/thread.ts'
import { stageFiles } from './stage-files.ts'

/** Where chunks wait to be uploaded. What lies here is encrypted, and can be made again. */
function stagingDir(layout: Layout): string {
  return join(layout.dir, 'archive-staging')
}

/** Removes what a process that died has staged. */
export function removeStaged(layout: Layout): void {
  rmSync(stagingDir(layout), { recursive: true, force: true })
}

/** What staging needs of an open directory. */
export interface StagingPlace {
  readonly layout: Layout
  readonly shared: SharedState
  /** Undefined when the secrets are kept elsewhere. */
  readonly kek: KeyEncryption | undefined
  readonly keys: () => ArchiveKeys
  readonly read: LogStore['read']
}

/**
 * Writes a chunk in the form of an archive: in a thread of its own that ends with it; in small steps on this one when the secrets are
 * kept elsewhere, where no thread can ask for them.
 */
export async function stageChunk(place: StagingPlace, seal: SealManifest): Promise<StagedChunk> {
  const { layout, kek } = place
  const parent = stagingDir(layout)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const dir = await mkdtemp(join(parent, 'chunk-'))
  const discard = async (): Promise<void> => {
    await rm(dir, { recursive: true, force: true })
    // Another chunk may be staged meanwhile.
    await rmdir(parent).catch(() => {})
  }
  try {
    const written =
      kek === undefined ? await stageHere(place, seal, dir) : await stageInThread(place, kek, seal, dir)
    return {
      dictionary: ARCHIVE_DICTIONARY_ID,
      objects: written.map(one => ({ ...one, open: () => createReadStream(join(dir, one.name)) })),
      discard,
    }
  } catch (error) {
    await discard()
    throw error
  }
}

async function stageInThread(
  { layout, shared }: StagingPlace,
  kek: KeyEncryption,
  seal: SealManifest,
  dir: string,
): Promise<WrittenObject[]> {
  const thread = new Thread(moduleBeside(import.meta.url, './stage-worker'), {
    dir: layout.dir,
    shared: shared.buffer,
    kek: kek.raw(),
  })
  try {
    return (await thread.call('stage', seal, dir)) as WrittenObject[]
  } finally {
    await thread.close()
  }
}

async function stageHere(
  { keys, read }: StagingPlace,
  seal: SealManifest,
  dir: string,
): Promise<WrittenObject[]> {
  return await stageFiles(seal, breathing(read(seal.lo, seal.hi)), keys(), dir)
}

/** Records at a time between which others have their turn. */
const STEP = 32

async function* breathing(
  batches: AsyncIterable<readonly Positioned[]>,
): AsyncGenerator<readonly Positioned[], void, undefined> {
  for await (const batch of batches) {
    for (let at = 0; at < batch.length; at += STEP) {
      await setImmediate()
      yield batch.slice(at, at + STEP)
    }
  }
}
