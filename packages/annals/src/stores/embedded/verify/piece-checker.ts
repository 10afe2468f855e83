import { closeSync, openSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { parseCanonical } from '@annals/tlog'
import { type Digest, sha256, sha256Base64Url } from '../../../log/digest.ts'
import {
  commitmentPrefixLength,
  partSalt,
  partSecret,
  partSeed,
  writeCommitmentPrefix,
} from '../../../log/secrets.ts'
import { AUTHORITIES, authorisedParts, type GonePart, type PartPlace } from '../../../verify/authority.ts'
import { Findings } from '../../../verify/findings.ts'
import { LeafRuns } from '../../../verify/leaf-runs.ts'
import { checkNeighbours, type EdgeEntry } from '../../../verify/neighbours.ts'
import type { RecordCursor } from '../../../verify/record-cursor.ts'
import { SourceCounters } from '../../../verify/source-ranges.ts'
import {
  entryFault,
  readStrictEntry,
  type StrictEntry,
  splitCommitments,
} from '../../../verify/strict-entry.ts'
import type { PartSecrets } from './part-secrets.ts'
import type { MissingSecret, Piece, PieceResult, PieceSettings } from './piece.ts'
import { SegmentWalk } from './segment-walk.ts'
import type { WalkVisitor } from './stretch.ts'
import { compareTile, firstUnder, tileMessage } from './tile-compare.ts'

const NO_KEYS: readonly Digest[] = []

/** Checks one piece at a time: form, entries, leaf hashes, level-0 tiles, parts. Reads only. */
export class PieceChecker {
  readonly #settings: PieceSettings
  readonly #secrets: PartSecrets | undefined

  /** @param secrets undefined when parts cannot be held against their commitments */
  constructor(settings: PieceSettings, secrets: PartSecrets | undefined) {
    this.#settings = settings
    this.#secrets = secrets
  }

  check(piece: Piece): PieceResult {
    const fd = openSync(piece.path, 'r')
    try {
      const check = new PieceCheck(piece, this.#settings, this.#secrets)
      return check.finish(new SegmentWalk(fd).walk(piece, check))
    } finally {
      closeSync(fd)
    }
  }
}

class PieceCheck implements WalkVisitor {
  readonly #piece: Piece
  readonly #settings: PieceSettings
  readonly #secrets: PartSecrets | undefined
  readonly #findings = new Findings()
  readonly #leaves: LeafRuns
  readonly #sources = new SourceCounters()
  readonly #gone: GonePart[] = []
  readonly #authorised: PartPlace[][] = []
  readonly #secretless = new Map<string, { what: string; index: number; parts: number }>()
  readonly #keys: Digest[] = []
  #scratch: Buffer = Buffer.allocUnsafeSlow(128 * 1024)
  #first: EdgeEntry | undefined
  #lastIndex = -1
  #lastId = ''
  #lastTime = 0
  #checked = 0
  #unwritten = 0
  #differs = -1

  constructor(piece: Piece, settings: PieceSettings, secrets: PartSecrets | undefined) {
    this.#piece = piece
    this.#settings = settings
    this.#secrets = secrets
    this.#leaves = new LeafRuns(piece.from, settings.sizes, (index, hashes) => this.#compare(index, hashes))
  }

  finish(sound: boolean): PieceResult {
    this.#leaves.end()
    return {
      sound,
      findings: this.#findings,
      runs: this.#leaves.runs,
      first: this.#first,
      last:
        this.#lastIndex < 0 ? undefined : { index: this.#lastIndex, id: this.#lastId, time: this.#lastTime },
      sources: this.#sources.ranges(),
      gone: this.#gone,
      authorised: this.#authorised,
      secretless: [...this.#secretless.values()] satisfies MissingSecret[],
      checked: this.#checked,
      unwritten: this.#unwritten,
      differs: this.#differs,
    }
  }

  damage(code: string, index: number, message: string): void {
    this.#findings.add(code, index, message)
  }

  lost(from: number, to: number): void {
    this.#leaves.skip(to - from)
  }

  record(index: number, bytes: Buffer, cursor: RecordCursor): void {
    const { entryAt, entryEnd } = cursor
    const length = entryEnd - entryAt
    this.#scratch[0] = 0
    bytes.copy(this.#scratch, 1, entryAt, entryEnd)
    this.#leaves.add(sha256(this.#scratch.subarray(0, length + 1)))
    const entry = readStrictEntry(bytes.toString('latin1', entryAt, entryEnd))
    if (entry === undefined) {
      const fault = entryFault(bytes.subarray(entryAt, entryEnd))
      this.#findings.add(
        fault?.code ?? 'E_ENTRY_FORMAT',
        index,
        `The entry is refused: ${fault?.message ?? 'not in the form of an entry'}.`,
      )
      return
    }
    this.#checkOrder(index, entry)
    if (!this.#settings.entriesOnly) this.#checkParts(index, entry, bytes, cursor)
    this.#checked++
  }

  #checkOrder(index: number, entry: StrictEntry): void {
    if (this.#lastIndex < 0) this.#first = { index, id: entry.id, time: entry.recordedAt }
    else
      checkNeighbours(this.#findings, this.#lastId, this.#lastTime, {
        index,
        id: entry.id,
        time: entry.recordedAt,
      })
    this.#lastIndex = index
    this.#lastId = entry.id
    this.#lastTime = entry.recordedAt
    if (!this.#sources.add(entry.source, entry.counter, index)) {
      this.#findings.add(
        'E_DUP_ID',
        index,
        `Source ${entry.source} used its counter ${entry.counter} before.`,
      )
    }
  }

  #checkParts(index: number, entry: StrictEntry, bytes: Buffer, cursor: RecordCursor): void {
    const { commitments } = entry
    // Names stand in the same order on both sides; anything else takes the slow way.
    let at = 0
    for (let i = 0; i < cursor.count; i++) {
      const end = commitments.indexOf('"', at + 1)
      if (end < 0 || at >= commitments.length || commitments.slice(at + 1, end) !== cursor.names[i]) {
        this.#checkUnequalParts(index, entry, bytes, cursor)
        return
      }
      at = end + 48
    }
    if (at < commitments.length) {
      this.#checkUnequalParts(index, entry, bytes, cursor)
      return
    }
    at = 0
    for (let i = 0; i < cursor.count; i++) {
      const end = at + (cursor.names[i] as string).length + 1
      this.#checkPart(index, entry, commitments.slice(end + 3, end + 46), bytes, cursor, i)
      at = end + 48
    }
  }

  #checkUnequalParts(index: number, entry: StrictEntry, bytes: Buffer, cursor: RecordCursor): void {
    const committed = new Map(splitCommitments(entry.commitments).map(part => [part.name, part.commitment]))
    for (let i = 0; i < cursor.count; i++) {
      const name = cursor.names[i] as string
      const commitment = committed.get(name)
      committed.delete(name)
      if (commitment === undefined)
        this.#findings.add(
          'E_PART_MISMATCH',
          index,
          `Part ${JSON.stringify(name)} stands here, and the entry does not commit to it.`,
        )
      else this.#checkPart(index, entry, commitment, bytes, cursor, i)
    }
    for (const name of committed.keys()) this.#gone.push([index, name, 'absent'])
  }

  #checkPart(
    index: number,
    entry: StrictEntry,
    commitment: string,
    bytes: Buffer,
    cursor: RecordCursor,
    i: number,
  ): void {
    const name = cursor.names[i] as string
    const from = cursor.partAt[i] as number
    const to = from + (cursor.partLength[i] as number)
    const content = bytes.subarray(from, to)
    if (cursor.erased[i] === true) {
      if (content.some(byte => byte !== 0))
        this.#findings.add(
          'E_PART_MISMATCH',
          index,
          `Part "${name}" is marked as erased, and its bytes are not zeros.`,
        )
      this.#gone.push([index, name, 'erased'])
      return
    }
    const intact = crc32(content) === cursor.partCrc[i]
    const verdict =
      this.#secrets === undefined
        ? 'unknown'
        : this.#holds(index, entry.retention, commitment, bytes, cursor, i)
    if (verdict === 'no')
      this.#findings.add('E_PART_MISMATCH', index, `Part "${name}" is not what was recorded.`)
    else if (!intact) this.#findings.add('E_PART_MISMATCH', index, `Part "${name}" does not match its CRC.`)
    if (verdict !== 'no' && name === 'what' && AUTHORITIES.has(entry.action))
      this.#authorised.push(authorisedParts(index, content.toString('utf8')))
    if (this.#settings.deep) this.#checkCanonical(index, name, content)
  }

  /** Whether the bytes of a part are those of the commitment. */
  #holds(
    index: number,
    retention: string,
    commitment: string,
    bytes: Buffer,
    cursor: RecordCursor,
    i: number,
  ): 'yes' | 'no' | 'unknown' {
    const secrets = this.#secrets as PartSecrets
    const { chunk } = this.#piece
    const walk = secrets.walk(chunk, retention)
    if (walk === undefined) return this.#lacks(`the seed of chunk ${chunk}, class "${retention}"`, index)
    const name = cursor.names[i] as string
    const count = cursor.keys[i] as number
    let keys = NO_KEYS
    if (count > 0) {
      this.#keys.length = count
      for (let k = 0, at = cursor.keysAt[i] as number; k < count; k++, at += 32) {
        const id = bytes.toString('latin1', at, at + 16)
        const key = secrets.key(id)
        if (key === undefined)
          return this.#lacks(`the subject key ${Buffer.from(id, 'latin1').toString('hex')}`, index)
        this.#keys[k] = key
      }
      keys = this.#keys
    }
    const offset = index - chunk
    if (offset < 0) return 'no'
    const salt = partSalt(partSecret(partSeed(walk.leaf(offset), name), keys))
    const from = cursor.partAt[i] as number
    const length = cursor.partLength[i] as number
    this.#reserve(commitmentPrefixLength(name) + length)
    const start = writeCommitmentPrefix(this.#scratch, 0, salt, name)
    bytes.copy(this.#scratch, start, from, from + length)
    return sha256Base64Url(this.#scratch.subarray(0, start + length)) === commitment ? 'yes' : 'no'
  }

  #lacks(what: string, index: number): 'unknown' {
    const known = this.#secretless.get(what)
    if (known === undefined) this.#secretless.set(what, { what, index, parts: 1 })
    else known.parts++
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

  #compare(index: number, hashes: Buffer): void {
    const verdict = compareTile(this.#settings.dir, 0, index, hashes)
    if (verdict.kind === 'same') return
    const last = firstUnder(0, index + 1, 0) - 1
    if (verdict.kind === 'unwritten' && last >= this.#settings.settled) {
      this.#unwritten++
      return
    }
    const at = firstUnder(0, index, verdict.kind === 'different' ? verdict.slot : 0)
    if (verdict.kind === 'different' && this.#differs < 0) this.#differs = at
    this.#findings.add('E_TILE', at, tileMessage(0, index, verdict.kind))
  }

  #reserve(length: number): void {
    if (length > this.#scratch.length)
      this.#scratch = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#scratch.length))
  }
}
