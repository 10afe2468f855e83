import { toBase64Url } from '@annals/tlog'
import { digestBytes } from '../log/digest.ts'
import type { Entry } from '../log/entry.ts'
import type { DisclosedSecrets } from '../log/readable-store.ts'
import type { RecordPart, StoredRecord } from '../log/record-bytes.ts'
import { commitment, partSalt, partSecret } from '../log/secrets.ts'
import { AnnalsError } from '../model/index.ts'

/** Which parts to disclose: all that are there, or these. */
export type Disclose = 'all' | readonly string[]

/** A part to be disclosed, with its salt. */
export interface SaltedPart {
  readonly name: string
  /** base64url. */
  readonly salt: string
  /** Canonical JSON. */
  readonly json: string
}

/**
 * Takes parts of an event out for disclosure, each whole and with the salt of its commitment, sorted by name. Whoever has them
 * can check them; a salt reveals nothing of other parts. What is erased is left out of `all`.
 *
 * @throws AnnalsError ANNALS_INVALID for a part that the event does not have, ANNALS_NOT_FOUND for one that was erased,
 *   ANNALS_KEYS when its secrets are not there, ANNALS_CORRUPT when it is not what was committed
 */
export async function saltedParts(
  secrets: DisclosedSecrets,
  index: number,
  entry: Entry,
  record: StoredRecord,
  disclose: Disclose,
): Promise<SaltedPart[]> {
  const wanted = wantedParts(index, record, disclose)
  if (wanted.length === 0) return []
  const chunk = await secrets.chunkOf(index)
  const seeds = await secrets.secrets(chunk, entry.retention)
  const ids = wanted.flatMap(part => part.keys.map(key => key.id))
  const subjects = ids.length === 0 ? new Map<string, never>() : await secrets.subjectsById(ids)
  return wanted.map(({ name, keys, bytes }) => {
    const e = seeds?.partSeed(index - chunk, name)
    const subjectKeys = keys.map(key => subjects.get(key.id)?.key)
    if (e === undefined || subjectKeys.includes(undefined)) throw secretsMissing(index, name)
    const salt = partSalt(partSecret(e, subjectKeys as string[]))
    if (commitment(salt, name, bytes) !== entry.commitments[name]) throw notCommitted(index, name)
    return { name, salt: toBase64Url(digestBytes(salt)), json: bytes.toString('utf8') }
  })
}

type PresentPart = RecordPart & { readonly bytes: Buffer }

function wantedParts(index: number, { parts }: StoredRecord, disclose: Disclose): PresentPart[] {
  if (disclose === 'all') return parts.filter((part): part is PresentPart => part.bytes !== null)
  if (!Array.isArray(disclose) || !disclose.every(name => typeof name === 'string'))
    throw new TypeError("disclose: 'all', or a list of names of parts")
  return [...new Set(disclose)].sort().map(name => {
    const part = parts.find(one => one.name === name)
    if (part === undefined) {
      throw new AnnalsError(
        'ANNALS_INVALID',
        `The event at position ${index} has no part ${JSON.stringify(name)}.`,
        {
          path: '/disclose',
          hint: `It has: ${parts.map(one => one.name).join(', ') || 'none'}.`,
        },
      )
    }
    if (part.bytes === null) {
      throw new AnnalsError(
        'ANNALS_NOT_FOUND',
        `Part "${name}" of the event at position ${index} was erased: it cannot be disclosed.`,
        { path: '/disclose', hint: 'Leave it out; the receipt is as good without it.' },
      )
    }
    return part as PresentPart
  })
}

/** Disclosed parts as canonical JSON: `{"<name>":{"salt":…,"value":…},…}`. */
export function formatParts(parts: readonly SaltedPart[]): string {
  const members = parts.map(({ name, salt, json }) => `"${name}":{"salt":"${salt}","value":${json}}`)
  return `{${members.join(',')}}`
}

function secretsMissing(index: number, name: string): AnnalsError {
  return new AnnalsError(
    'ANNALS_KEYS',
    `The secrets of part "${name}" at position ${index} are not there, so it cannot be proved.`,
    {
      hint: 'Run "annals verify": it says which keys are missing. Without disclosed parts no key is needed.',
    },
  )
}

function notCommitted(index: number, name: string): AnnalsError {
  return new AnnalsError(
    'ANNALS_CORRUPT',
    `Part "${name}" at position ${index} is not what its entry commits to.`,
    { hint: 'Run "annals verify", and keep the directory as it is.' },
  )
}
