import { closeSync } from 'node:fs'
import { type Digest, sha256 } from '../../../log/digest.ts'
import { Findings } from '../../../verify/findings.ts'
import { LeafRuns } from '../../../verify/leaf-runs.ts'
import { checkNeighbours, type EdgeEntry } from '../../../verify/neighbours.ts'
import type { RecordFields } from '../../../verify/record-fields.ts'
import { SourceCounters } from '../../../verify/source-ranges.ts'
import { entryFault, readStrictEntry, type StrictEntry } from '../../../verify/strict-entry.ts'
import { TimeBounds } from '../../../verify/time-bounds.ts'
import { LabelWriter } from './label-writer.ts'
import { PartCheck } from './part-check.ts'
import type { PartSecrets } from './part-secrets.ts'
import type { Piece, PieceResult, PieceSettings } from './piece.ts'
import { openPiece, walkPiece } from './piece-walk.ts'
import type { SealedVisitor } from './stretch.ts'
import { compareTile, firstUnder, tileMessage } from './tile-compare.ts'

/** Checks one piece at a time: form, entries, leaf hashes, level-0 tiles, times, parts. Reads only. */
export class PieceChecker {
  readonly #settings: PieceSettings
  readonly #secrets: PartSecrets | undefined

  /** @param secrets undefined when parts cannot be held against their commitments */
  constructor(settings: PieceSettings, secrets: PartSecrets | undefined) {
    this.#settings = settings
    this.#secrets = secrets
  }

  check(piece: Piece): PieceResult {
    const { fd, form } = openPiece(piece)
    try {
      const check = new PieceCheck({ ...piece, form }, this.#settings, this.#secrets)
      return check.finish(walkPiece(fd, form, piece, check))
    } finally {
      closeSync(fd)
    }
  }
}

class PieceCheck implements SealedVisitor {
  readonly #settings: PieceSettings
  readonly #findings = new Findings()
  readonly #leaves: LeafRuns
  readonly #sources = new SourceCounters()
  readonly #parts: PartCheck
  readonly #labels: LabelWriter
  readonly #bounds: TimeBounds
  readonly #off = { early: 0, late: 0, first: -1, by: 0 }
  #scratch: Buffer = Buffer.allocUnsafeSlow(128 * 1024)
  #first: EdgeEntry | undefined
  #last: EdgeEntry | undefined
  #stated: EdgeEntry | undefined
  #checked = 0
  #unwritten = 0
  #differs = -1

  constructor(piece: Piece, settings: PieceSettings, secrets: PartSecrets | undefined) {
    this.#settings = settings
    const { entriesOnly, deep, sizes } = settings
    this.#parts = new PartCheck({ chunk: piece.chunk, quiet: entriesOnly, deep }, secrets, this.#findings)
    this.#leaves = new LeafRuns(piece.from, sizes, (index, hashes) => this.#compare(index, hashes))
    this.#labels = new LabelWriter(piece.from, piece.to, piece.labelled && piece.form !== 'spine')
    this.#bounds = new TimeBounds(settings.bounds, settings.skew)
  }

  finish(sound: boolean): PieceResult {
    this.#leaves.end()
    this.#reportTimes()
    return {
      sound,
      findings: this.#findings,
      runs: this.#leaves.runs,
      first: this.#first,
      last: this.#last,
      sources: this.#sources.ranges(),
      bridged: this.#sources.bridged,
      gone: this.#parts.gone,
      keyless: this.#parts.keyless,
      own: this.#parts.own,
      secretless: this.#parts.secretless,
      labels: this.#labels.labels(),
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

  stated(index: number, time: number, id: string): void {
    this.#stated = { index, time, id }
  }

  thinned(index: number, leaf: Digest, retention: string | undefined): void {
    this.#leaves.add(leaf)
    if (retention !== undefined) this.#labels.thinned(index, retention)
    const stated = this.#stated
    if (stated?.index === index) this.#follow(stated)
  }

  record(index: number, bytes: Buffer, fields: RecordFields): void {
    const { entryAt, entryEnd } = fields
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
    this.#labels.label(index, entry.retention)
    this.#checkOrder(index, entry)
    this.#parts.check(index, entry, bytes, fields)
    this.#checked++
  }

  #checkOrder(index: number, { id, recordedAt: time, source, counter }: StrictEntry): void {
    this.#follow({ index, id, time })
    const stated = this.#stated
    if (stated?.index === index && (stated.id !== id || stated.time !== time))
      this.#findings.add(
        'E_ENTRY_FORMAT',
        index,
        'The directory of the sealed segment states another id or time of this entry.',
      )
    const off = this.#bounds.off(index, time)
    if (off !== 0) this.#noteTime(index, off)
    if (!this.#sources.add(source, counter, index))
      this.#findings.add('E_DUP_ID', index, `Source ${source} used its counter ${counter} before.`)
  }

  #follow(next: EdgeEntry): void {
    if (this.#last === undefined) this.#first = next
    else checkNeighbours(this.#findings, this.#last.id, this.#last.time, next)
    this.#last = next
  }

  #noteTime(index: number, off: number): void {
    const noted = this.#off
    if (noted.early + noted.late === 0) {
      noted.first = index
      noted.by = off
    }
    if (off < 0) noted.early++
    else noted.late++
  }

  #reportTimes(): void {
    const { early, late, first, by } = this.#off
    if (early + late === 0) return
    const what =
      by < 0
        ? ['E_BACKDATED', `earlier than a checkpoint that it is not in was cosigned`]
        : ['E_FUTURE', `later than a checkpoint that it is in was cosigned`]
    const more = early + late > 1 ? `, and ${early + late - 1} more up to here contradict cosigned times` : ''
    this.#findings.add(
      what[0] as string,
      first,
      `It says that it was recorded ${what[1]}, by ${Math.abs(by)} ms more than clocks may differ${more}.`,
    )
  }

  #compare(index: number, hashes: Buffer): void {
    const { dir, settled } = this.#settings
    if (settled === undefined) return
    const verdict = compareTile(dir, 0, index, hashes)
    if (verdict.kind === 'same') return
    const last = firstUnder(0, index + 1, 0) - 1
    if (verdict.kind === 'unwritten' && last >= settled) {
      this.#unwritten++
      return
    }
    const at = firstUnder(0, index, verdict.kind === 'different' ? verdict.slot : 0)
    if (verdict.kind === 'different' && this.#differs < 0) this.#differs = at
    this.#findings.add('E_TILE', at, tileMessage(0, index, verdict.kind))
  }
}
