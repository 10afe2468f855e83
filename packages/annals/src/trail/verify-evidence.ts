import { bundleDirectory, isEvidence } from '../verify/evidence/bundle.ts'
import { checkEvidence, type EvidenceReport } from '../verify/evidence/verify-evidence.ts'
import { parsePolicy } from '../verify/policy.ts'
import { policyOf, type Trust } from './verify-receipt.ts'

export { isEvidence }

/**
 * Verifies an evidence bundle, offline and alone: that its events are in the log, what they say, and what is missing. Memory
 * does not grow with the number of events.
 *
 * @param trust whom to trust; without it the bundle's own key is taken, and the claim says that this proves nothing against
 *   its maker
 * @throws TypeError for a key or policy that cannot be read
 * @example
 * ```ts
 * const { ok, count, claim, findings } = await verifyEvidence('./q3', { policyText })
 * ```
 */
export async function verifyEvidence(
  dir: string,
  trust: Trust & { readonly onProgress?: ((done: number, total: number) => void) | undefined } = {},
): Promise<EvidenceReport> {
  const pinned = trust.vkey !== undefined || trust.policyText !== undefined
  return await checkEvidence(bundleDirectory(dir), {
    policy: pinned ? policyOf(trust) : undefined,
    parsePolicy,
    onProgress: trust.onProgress,
  })
}
