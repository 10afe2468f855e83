import { AnnalsError } from '../model/index.ts'

/** A failure of a store as the caller sees it. */
export function storeError(error: unknown): AnnalsError {
  if (error instanceof AnnalsError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AnnalsError('ANNALS_DISK_FULL', 'No space is left on the device that holds the log.', {
      cause: error,
      hint: 'Free some space; recording goes on by itself.',
    })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new AnnalsError('ANNALS_STORE', `The store failed: ${message}`, { cause: error })
}
