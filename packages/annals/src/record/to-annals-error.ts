import { AnnalsError } from '../model/index.ts'

/** What was thrown while a draft was read, as an error of ours. */
export function toAnnalsError(error: unknown): AnnalsError {
  if (error instanceof AnnalsError) return error
  return new AnnalsError(
    'ANNALS_INVALID',
    `The draft cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  )
}
