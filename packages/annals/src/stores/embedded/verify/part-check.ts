import { crc32 } from 'node:zlib'
import { parseCanonical } from '@annals/tlog'
import { type Digest, sha256Base64Url } from '../../../log/digest.ts'
import { commitmentPrefixLength, partSalt, partSecret, writeCommitmentPrefix } from '../../../log/secrets.ts'
import type { Findings } from '../../../verify/findings.ts'
import { type OwnEntry, readOwnEntry, speaks } from '../../../verify/own-entry.ts'
import type { RecordFields } from '../../../verify/record-fields.ts'
import type { GonePart, KeylessPart } from '../../../verify/removals.ts'
import { type StrictEntry, splitCommitments } from '../../../verify/strict-entry.ts'
import type { PartSecrets } from './part-secrets.ts'
import type { MissingSecret } from './piece.ts'

const NO_KEYS: readonly Digest[] = []

/** How parts are looked at. */
export interface PartSettings {
  /** First position of the chunk. */
  readonly chunk: number
  /** Nothing is said of parts; entries of the log itself are still listened to. */
  readonly quiet: boolean
  readonly deep: boolean
}

/** Holds the parts of a piece against the commitments of their entries. */
export class PartCheck {
  readonly gone: GonePart[] = []
  readonly keyless: KeylessPart[] = []
  readonly own: OwnEntry[] = []
  readonly #settings: PartSettings
  readonly #secrets: PartSecrets | undefined
  readonly #findings: Findings
  readonly #secretless = new Map<string, { -readonly [K in keyof MissingSecret]: MissingSecret[K] }>()
  readonly #keys: Digest[] = []
  #scratch: Buffer = Buffer.allocUnsafeSlow(128 * 1024)

  constructor(settings: PartSettings, secrets: PartSecrets | undefined, findings: Findings) {
    this.#settings = settings
    this.#secrets = secrets
    this.#findings = findings
  }

  get secretless(): readonly MissingSecret[] {
    return [...this.#secretless.values()]
  }

  check(index: number, entry: StrictEntry, bytes: Buffer, fields: RecordFields): void {
    if (this.#settings.quiet) {
      this.#listen(index, entry, bytes, fields)
      return
    }
    const { commitments } = entry
    // Names stand in the same order on both sides; anything else takes the slow way.
    let at = 0
    for (let i = 0; i < fields.count; i++) {
      const end = commitments.indexOf('"', at + 1)
      if (end < 0 || at >= commitments.length || commitments.slice(at + 1, end) !== fields.names[i]) {
        this.#checkUnequal(index, entry, bytes, fields)
        return
      }
      at = end + 48
    }
    if (at < commitments.length) {
      this.#checkUnequal(index, entry, bytes, fields)
      return
    }
    at = 0
    for (let i = 0; i < fields.count; i++) {
      const end = at + (fields.names[i] as string).length + 1
      this.#checkPart(index, entry, commitments.slice(end + 3, end + 46), bytes, fields, i)
      at = end + 48
    }
  }

  /** Hears what an entry of the log itself says, and reports nothing. */
  #listen(index: number, entry: StrictEntry, bytes: Buffer, fields: RecordFields): void {
    if (!speaks(entry.action)) return
    const i = fields.names.slice(0, fields.count).indexOf('what')
    const committed = splitCommitments(entry.commitments).find(part => part.name === 'what')
    if (i < 0 || committed === undefined || fields.erased[i] === true) return
    const verdict = this.#holds(index, entry.retention, committed.commitment, bytes, fields, i)
    this.#hear(index, entry, verdict, contentOf(bytes, fields, i))
  }

  #hear(index: number, { action, recordedAt }: StrictEntry, verdict: Verdict, content: Buffer): void {
    // Without any keys what it says is taken as it stands, and the claim says so; with them, only what was recorded counts.
    if (verdict !== 'yes' && this.#secrets !== undefined) return
    const said = readOwnEntry(action, content.toString('utf8'), index, recordedAt)
    if (said !== undefined) this.own.push(said)
  }

  #checkUnequal(index: number, entry: StrictEntry, bytes: Buffer, fields: RecordFields): void {
    const committed = new Map(splitCommitments(entry.commitments).map(part => [part.name, part.commitment]))
    for (let i = 0; i < fields.count; i++) {
      const name = fields.names[i] as string
      const commitment = committed.get(name)
      committed.delete(name)
      if (commitment === undefined)
        this.#findings.add(
          'E_PART_MISMATCH',
          index,
          `Part ${JSON.stringify(name)} stands here, and the entry does not commit to it.`,
        )
      else this.#checkPart(index, entry, commitment, bytes, fields, i)
    }
    for (const name of committed.keys()) this.gone.push([index, name, 'absent'])
  }

  #checkPart(
    index: number,
    entry: StrictEntry,
    commitment: string,
    bytes: Buffer,
    fields: RecordFields,
    i: number,
  ): void {
    const name = fields.names[i] as string
    const content = contentOf(bytes, fields, i)
    if (fields.erased[i] === true) {
      if (content.some(byte => byte !== 0))
        this.#findings.add(
          'E_PART_MISMATCH',
          index,
          `Part "${name}" is marked as erased, and its bytes are not zeros.`,
        )
      this.gone.push([index, name, 'erased'])
      return
    }
    const intact = fields.partCrc === undefined || crc32(content) === fields.partCrc[i]
    const verdict = this.#holds(index, entry.retention, commitment, bytes, fields, i)
    if (verdict === 'no')
      this.#findings.add('E_PART_MISMATCH', index, `Part "${name}" is not what was recorded.`)
    else if (!intact) this.#findings.add('E_PART_MISMATCH', index, `Part "${name}" does not match its CRC.`)
    if (name === 'what' && speaks(entry.action)) this.#hear(index, entry, verdict, content)
    if (this.#settings.deep) this.#checkCanonical(index, name, content)
  }

  /** Whether the bytes of a part are those of the commitment. */
  #holds(
    index: number,
    retention: string,
    commitment: string,
    bytes: Buffer,
    fields: RecordFields,
    i: number,
  ): Verdict {
    const secrets = this.#secrets
    if (secrets === undefined) return 'unknown'
    const { chunk } = this.#settings
    const offset = index - chunk
    if (offset < 0 || offset >= 2 ** 32) return 'no'
    const of = secrets.ofClass(chunk, retention)
    if (of === undefined) return this.#lacks(`the seed of chunk ${chunk}, class "${retention}"`, index)
    const name = fields.names[i] as string
    const e = of === 'destroyed' ? undefined : of.partSeed(offset, name)
    if (of === 'destroyed')
      return this.#lacks(`the destroyed seed of chunk ${chunk}, class "${retention}"`, index, {
        chunk,
        retention,
      })
    if (e === undefined) return this.#keyless(index, name, retention, undefined)
    const count = fields.keys[i] as number
    let keys = NO_KEYS
    if (count > 0) {
      this.#keys.length = count
      for (let k = 0, at = fields.keysAt[i] as number; k < count; k++, at += 32) {
        const id = bytes.toString('latin1', at, at + 16)
        const key = secrets.key(id)
        if (key === undefined)
          return this.#keyless(index, name, retention, Buffer.from(id, 'latin1').toString('hex'))
        this.#keys[k] = key
      }
      keys = this.#keys
    }
    const salt = partSalt(partSecret(e, keys))
    const from = fields.partAt[i] as number
    const length = fields.partLength[i] as number
    this.#reserve(commitmentPrefixLength(name) + length)
    const start = writeCommitmentPrefix(this.#scratch, 0, salt, name)
    bytes.copy(this.#scratch, start, from, from + length)
    return sha256Base64Url(this.#scratch.subarray(0, start + length)) === commitment ? 'yes' : 'no'
  }

  #lacks(what: string, index: number, destroyed?: MissingSecret['destroyed']): 'unknown' {
    if (this.#settings.quiet) return 'unknown'
    const known = this.#secretless.get(what)
    if (known === undefined) this.#secretless.set(what, { what, destroyed, index, parts: 1 })
    else known.parts++
    return 'unknown'
  }

  #keyless(index: number, name: string, retention: string, key: string | undefined): 'unknown' {
    if (this.#settings.quiet) return 'unknown'
    const { chunk } = this.#settings
    if (this.keyless.length < MOST_KEYLESS) this.keyless.push({ chunk, retention, index, name, key })
    else this.#lacks('subject keys, or places in the seeds of chunks', index)
    return 'unknown'
  }

  #checkCanonical(index: number, name: string, content: Buffer): void {
    try {
      parseCanonical(content)
    } catch (error) {
      this.#findings.add(
        'E_CANON',
        index,
        `Part "${name}": ${error instanceof Error ? error.message : error}.`,
      )
    }
  }

  #reserve(length: number): void {
    if (length > this.#scratch.length)
      this.#scratch = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#scratch.length))
  }
}

/** Parts of one piece whose key is gone that are told apart; the rest is counted. */
const MOST_KEYLESS = 20_000

type Verdict = 'yes' | 'no' | 'unknown'

function contentOf(bytes: Buffer, fields: RecordFields, i: number): Buffer {
  const from = fields.partAt[i] as number
  return bytes.subarray(from, from + (fields.partLength[i] as number))
}
