import { sha256Bytes } from '../log/digest.ts'
import { parsePolicy, trustKey } from '../verify/policy.ts'
import { checkReceipt, type ReceiptReport } from '../verify/receipt.ts'
import type { TrustPolicy } from '../verify/trust-policy.ts'

/** Whom to trust: one of both, from elsewhere than what is verified. */
export interface Trust {
  /** Verifier key of the log. */
  readonly vkey?: string | undefined
  /** Text of a C2SP tlog-policy file: log keys, witnesses and quorum. Goes before `vkey`. */
  readonly policyText?: string | undefined
}

/**
 * Verifies a receipt, offline and alone: that the event is in the log at its position, and that each disclosed part is what
 * was recorded. It says nothing of events that there is no receipt of.
 *
 * @throws TypeError when there is no key to trust, or it cannot be read
 * @example
 * ```ts
 * const { ok, event, claim, findings } = await verifyReceipt(text, { vkey: 'example.com/log+c74f20a3+ARpc2Q…' })
 * ```
 */
export async function verifyReceipt(text: string | Uint8Array, trust: Trust): Promise<ReceiptReport> {
  return await checkReceipt(sha256Bytes, text, policyOf(trust))
}

/**
 * The policy of what a caller trusts.
 *
 * @throws TypeError when there is none, or it cannot be read
 */
export function policyOf({ vkey, policyText }: Trust): TrustPolicy {
  if (vkey === undefined && policyText === undefined)
    throw new TypeError('no key to trust: give the verifier key of the log (vkey) or a policy (policyText)')
  try {
    return policyText === undefined ? trustKey(vkey as string) : parsePolicy(policyText)
  } catch (cause) {
    throw new TypeError(`no policy: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
