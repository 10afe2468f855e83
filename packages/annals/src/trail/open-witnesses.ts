import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TlogError } from '@annals/tlog'
import { AnnalsError } from '../model/index.ts'
import { keyName, parsePolicy } from '../verify/policy.ts'
import { Witnesses } from '../witness/witnesses.ts'

/** File of a log's directory that may hold its policy. */
const POLICY_FILE = 'policy'

/**
 * The witnesses that a policy gives an address; undefined when it names none.
 *
 * @param text of the policy; absent, that of the file `policy` in the directory
 * @throws AnnalsError ANNALS_INVALID when it is no policy
 */
export async function openWitnesses(
  text: string | undefined,
  dir: string | undefined,
): Promise<Witnesses | undefined> {
  const given = text ?? (dir === undefined ? undefined : await readPolicy(dir))
  if (given === undefined) return undefined
  const { asked, quorum } = parse(given)
  if (asked.length === 0) return undefined
  return new Witnesses(asked, signed => quorum(new Set(signed.map(keyName))))
}

async function readPolicy(dir: string): Promise<string | undefined> {
  try {
    return await readFile(join(dir, POLICY_FILE), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string): ReturnType<typeof parsePolicy> {
  try {
    return parsePolicy(text)
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause
    throw new AnnalsError('ANNALS_INVALID', `The policy of the log cannot be read: ${cause.message}.`, {
      cause,
      hint: 'Correct it: lines "log <vkey>", "witness <name> <vkey> [url]", "group <name> <k|any|all> <members>", "quorum <name|none>".',
    })
  }
}
