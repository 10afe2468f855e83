import { AnnalsError } from '../model/index.ts'
import type { VerifyOptions, VerifyReport } from './trail.ts'

/** Verifies the directory of a store, reading it as an outsider would. */
export async function verifyStore(
  dir: string | undefined,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  if (dir === undefined) {
    throw new AnnalsError('ANNALS_UNSUPPORTED', 'This store has no directory to verify.', {
      hint: 'Use an embedded store.',
    })
  }
  const { verifyDirectory } = await import('../verify/index.ts')
  return await verifyDirectory(dir, options)
}
