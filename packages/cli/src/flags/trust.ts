import { readFile } from 'node:fs/promises'
import { UsageFailure } from '../failure/failure.ts'

/** Whom `verify` trusts: a key, the text of a policy file, or nobody but the directory itself. */
export interface Trust {
  readonly vkey?: string
  readonly policyText?: string
}

/** Flags that name whom to trust. */
export interface TrustFlags {
  readonly vkey?: string
  readonly policy?: string
}

const VKEY = /^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/
const STATEMENT = /^\s*(?:log|witness|group|quorum)\s/m

/**
 * Reads `--vkey` or the file of `--policy`: a C2SP tlog-policy, or just lines with verifier keys.
 *
 * @throws UsageFailure when both are given, or there is no key
 */
export async function trustOf({ vkey, policy }: TrustFlags): Promise<Trust> {
  if (vkey !== undefined && policy !== undefined) {
    throw new UsageFailure('both --vkey and --policy', {
      hint: 'Put the key into the policy, or leave one of them out.',
    })
  }
  if (vkey !== undefined) return { vkey: checked('--vkey', vkey) }
  if (policy === undefined) return {}
  const text = await readFile(policy, 'utf8')
  if (STATEMENT.test(text)) return { policyText: text }
  // As the file of a log has it: after a change of its key there are several.
  const keys = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => VKEY.test(line))
  if (keys.length === 0) {
    throw new UsageFailure(`--policy: no verifier key in ${policy}`, {
      why: 'it has neither policy statements nor a line that is a vkey',
      hint: 'Copy the file "vkey" of the log over a way you trust.',
    })
  }
  return { vkey: keys.join('\n') }
}

function checked(flag: string, vkey: string): string {
  if (VKEY.test(vkey)) return vkey
  throw new UsageFailure(`${flag}: "${vkey}" is not a verifier key`, {
    hint: 'Write it as name+8 hex digits+base64, as the file "vkey" of the log has it.',
  })
}
