import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint, parseNote, TlogError } from '@annals/tlog'
import type { Findings } from './findings.ts'
import { keyName, type TrustPolicy } from './trust-policy.ts'

/** Opens a checkpoint with the keys that are trusted; a failure is reported, with `whose` in the message. */
export async function checkNote(
  note: Uint8Array,
  policy: TrustPolicy,
  whose: string,
  findings: Findings,
): Promise<OpenedCheckpoint | undefined> {
  const origin = originOf(note)
  const expected = policy.origins.find(name => name === origin) ?? (policy.origins[0] as string)
  try {
    const opened = await openCheckpoint(note, expected, policy.logs, policy.witnesses)
    if (!policy.quorum(new Set(opened.witnessed.map(keyName)))) {
      findings.add(
        'E_WITNESS_QUORUM',
        undefined,
        `${whose} is cosigned by too few witnesses: rewriting by the operator cannot be excluded.`,
      )
    }
    return opened
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    const [code, what] = explain(error, origin, policy)
    findings.add(code, undefined, `${whose}: ${what}`)
    return undefined
  }
}

/** The origin that a note claims, verified or not; undefined when it is no checkpoint. */
export function originOf(note: Uint8Array): string | undefined {
  try {
    return parseCheckpoint(parseNote(note).text).origin
  } catch {
    return undefined
  }
}

/** A note by another log is told apart from one by another key. */
function explain(
  error: TlogError,
  origin: string | undefined,
  policy: TrustPolicy,
): [code: string, what: string] {
  if (error.code === 'E_SIG_NONE' && origin !== undefined && !policy.origins.includes(origin)) {
    return ['E_ORIGIN', `it is of the log ${JSON.stringify(origin)}, not of ${policy.origins.join(' or ')}.`]
  }
  return [error.code, `${error.message.replace(/^E_[A-Z_]+: /, '')}.`]
}
