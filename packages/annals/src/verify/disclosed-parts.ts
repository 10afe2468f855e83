import { canonicalize, fromBase64Url, type Sha256, TlogError, toBase64Url } from '@annals/tlog'
import type { Entry } from '../log/entry.ts'
import { isObject } from '../log/parts.ts'
import type { StoredPart } from '../log/read-event.ts'
import type { Findings } from './findings.ts'

const encoder = new TextEncoder()
const LABEL = encoder.encode('annals-part/v1\0')

/**
 * Holds disclosed parts against the commitments of their entry (`spec/log-v1.md` section 5). What does not hold is reported.
 *
 * @param given `{name: {salt, value}}`, of which nothing is believed
 * @returns the parts that hold, sorted by name
 */
export function checkDisclosedParts(
  sha: Sha256,
  entry: Entry,
  index: number,
  given: unknown,
  findings: Findings,
): StoredPart[] {
  if (!isObject(given)) {
    findings.add('E_PROOF_FORMAT', index, 'The disclosed parts are no object.')
    return []
  }
  const held: StoredPart[] = []
  for (const name of Object.keys(given).sort()) {
    const committed = Object.hasOwn(entry.commitments, name) ? entry.commitments[name] : undefined
    const part = given[name]
    if (committed === undefined) {
      findings.add('E_PART_MISMATCH', index, 'A part is disclosed that the entry has no commitment for.')
      continue
    }
    const salt = saltOf(part)
    if (salt === undefined || !isObject(part) || !isObject(part['value'])) {
      findings.add('E_PROOF_FORMAT', index, `Part "${name}" is not {"salt", "value"} with 32 bytes of salt.`)
      continue
    }
    const json = canonicalize(part['value'])
    if (commitmentOf(sha, salt, name, encoder.encode(json)) === committed) held.push({ name, json })
    else findings.add('E_PART_MISMATCH', index, `Part "${name}" is not what was recorded.`)
  }
  return held
}

function saltOf(part: unknown): Uint8Array | undefined {
  if (!isObject(part) || Object.keys(part).length !== 2 || typeof part['salt'] !== 'string') return undefined
  try {
    const salt = fromBase64Url(part['salt'])
    return salt.length === 32 ? salt : undefined
  } catch (error) {
    if (error instanceof TlogError) return undefined
    throw error
  }
}

/** `SHA-256("annals-part/v1\0" ‖ salt ‖ u16be(len name) ‖ name ‖ bytes)`, base64url. */
function commitmentOf(sha: Sha256, salt: Uint8Array, name: string, bytes: Uint8Array): string {
  const input = new Uint8Array(LABEL.length + 32 + 2 + name.length + bytes.length)
  input.set(LABEL)
  input.set(salt, LABEL.length)
  // Names have at most 16 letters.
  input[LABEL.length + 33] = name.length
  input.set(encoder.encode(name), LABEL.length + 34)
  input.set(bytes, LABEL.length + 34 + name.length)
  return toBase64Url(sha(input))
}
