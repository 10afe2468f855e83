import { join } from 'node:path'
import { AnnalsError } from '../../model/index.ts'

/** The exclusive right to a spool. The operating system takes it back when the process dies, however it dies. */
export interface SpoolLock {
  release(): void
}

/** @throws AnnalsError ANNALS_LOCKED when another process has it */
export async function lockSpool(dir: string): Promise<SpoolLock> {
  // Loaded here, for programs without a spool need no SQLite.
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(join(dir, 'lock'))
  try {
    database.exec(
      'PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA busy_timeout=0; BEGIN EXCLUSIVE',
    )
  } catch (cause) {
    database.close()
    throw new AnnalsError('ANNALS_LOCKED', `Another process uses the spool ${dir}.`, {
      cause,
      hint: 'Give each process a spool of its own.',
    })
  }
  return { release: () => database.close() }
}
