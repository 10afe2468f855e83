import { AnnalsError } from '../../../model/index.ts'
import type { ArchiveSecrets } from '../../../verify/archive/archive-source.ts'
import { readKeyEncryption } from '../keys/key-encryption.ts'
import { layoutOf } from '../layout.ts'
import { StageKeys } from './stage-keys.ts'

/** The secrets of a log's directory, for reading its archives. Nothing is made or changed. */
export interface OpenSecrets extends ArchiveSecrets {
  /** Tag of the person that a subject key is of, 16 bytes in latin1. */
  tagOf(id: string): string | undefined
  close(): void
}

/** @throws AnnalsError ANNALS_KEYS when the directory has no key-encryption key */
export async function openArchiveSecrets(dir: string): Promise<OpenSecrets> {
  const layout = layoutOf(dir)
  const kek = await readKeyEncryption(layout)
  if (kek === undefined) {
    throw new AnnalsError('ANNALS_KEYS', `${layout.keys} has no key-encryption key.`, {
      hint: 'Name the directory of the log whose keys open the archive, or set ANNALS_KEK.',
    })
  }
  const keys = new StageKeys(layout, kek)
  return {
    secrets: (chunk, retention) => keys.classSecrets(chunk, retention),
    subjectKey: id => keys.subject(id)?.key,
    tagOf: id => keys.subject(id)?.tag,
    close: () => keys.close(),
  }
}
