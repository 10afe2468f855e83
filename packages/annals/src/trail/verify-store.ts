import { AnnalsError } from '../model/index.ts'
import type { VerifyDirectoryOptions } from '../stores/embedded/verify/verify-directory.ts'
import type { VerifyReport } from '../verify/report.ts'

/** Options of {@link verifyDirectory}. */
export interface VerifyLogOptions extends VerifyDirectoryOptions {
  /** Root certificates (PEM) of time-stamping authorities: then RFC 3161 tokens over kept checkpoints are checked. @defaultValue they are not looked at */
  readonly tsaRoots?: string | undefined
}

/**
 * Verifies the directory of a log as an outsider would: read-only, without the writer's code, also when it is too damaged to
 * be opened.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log
 * @example
 * ```ts
 * const report = await verifyDirectory('./annals-data', { vkey })
 * if (!report.ok) console.error(report.findings)
 * ```
 */
export async function verifyDirectory(dir: string, options: VerifyLogOptions = {}): Promise<VerifyReport> {
  const embedded = await import('../stores/embedded/verify/verify-directory.ts')
  const { tsaRoots, ...rest } = options
  if (tsaRoots === undefined) return await embedded.verifyDirectory(dir, rest)
  const { checkTimestamp } = await import('../timestamps/index.ts')
  return await embedded.verifyDirectory(dir, {
    ...rest,
    checkToken: (token, text) => checkTimestamp(token, text, tsaRoots),
  })
}

/**
 * Verifies one sealed chunk by itself, offline: that its entries lead from the checkpoint before it to the one after it.
 *
 * @param dir directory of the chunk, with its `seal.json`
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no sealed chunk
 * @example
 * ```ts
 * const { ok, claim } = await verifyChunk('./annals-data/chunks/2026-11-20', { policyText })
 * ```
 */
export async function verifyChunk(dir: string, options: VerifyDirectoryOptions = {}): Promise<VerifyReport> {
  const embedded = await import('../stores/embedded/verify/verify-chunk.ts')
  return await embedded.verifyChunk(dir, options)
}

/** Verifies the directory of a store. */
export async function verifyStore(
  dir: string | undefined,
  options: VerifyDirectoryOptions = {},
): Promise<VerifyReport> {
  if (dir === undefined) {
    throw new AnnalsError('ANNALS_UNSUPPORTED', 'This store has no directory to verify.', {
      hint: 'Use an embedded store.',
    })
  }
  return await verifyDirectory(dir, options)
}
