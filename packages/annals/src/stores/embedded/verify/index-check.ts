import { randomBytes } from 'node:crypto'
import { closeSync, existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { sha256 } from '../../../log/digest.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { Findings, type FoundSoFar } from '../../../verify/findings.ts'
import type { RecordFields } from '../../../verify/record-fields.ts'
import { indexRow } from '../index/index-row.ts'
import { INDEX_VERSION, indexIntact, PLACE_EVERY, readMeta, sumPath } from '../index/segment-index.ts'
import type { Piece } from './piece.ts'
import { openPiece, walkPiece } from './piece-walk.ts'
import { openReadOnly } from './read-only-database.ts'

/** A segment whose search index is to be compared with its records. */
export interface IndexTask {
  /** The whole segment. */
  readonly piece: Piece
  /** Path of its index. */
  readonly index: string
  /** A writer may be going on with the segment: its index may be ahead of what is verified. */
  readonly live: boolean
}

/** Terms whose hashes are remembered. */
const MOST_TERMS = 50_000

/**
 * Compares the search index of a segment with what its records give. The pairs (term, event) of both sides are added up
 * event by event under a random key, so that no order is needed and no difference can be made to cancel out.
 */
export function checkIndex({ piece, index, live }: IndexTask): FoundSoFar {
  const findings = new Findings()
  if (!existsSync(index)) {
    if (piece.to > piece.from)
      findings.add(
        'W_INDEX_BEHIND',
        piece.from,
        'The segment has no search index yet; searches walk its records.',
      )
    return findings
  }
  if (!closedIntact(index)) {
    findings.add(
      'E_INDEX_DRIFT',
      piece.from,
      'The closed search index is not the file that was closed; opening the log makes it again.',
    )
    return findings
  }
  let db: DatabaseSync | undefined
  try {
    db = openReadOnly(index)
    db.exec('PRAGMA temp_store=MEMORY; BEGIN')
    new IndexComparison(piece, db, findings).run(live)
  } catch (error) {
    findings.add(
      'E_INDEX_DRIFT',
      piece.from,
      `The search index cannot be read: ${error instanceof Error ? error.message : error}.`,
    )
  } finally {
    db?.close()
  }
  return findings
}

/** Whether an index is open, or is the file that was closed. Beside a writer its sum may be written at this moment. */
function closedIntact(index: string): boolean {
  for (let left = TRIES; ; left--) {
    if (!existsSync(sumPath(index)) || indexIntact(index)) return true
    if (left === 0) return false
    Atomics.wait(pause, 0, 0, WAIT_MS)
  }
}

const TRIES = 5
const WAIT_MS = 20
const pause = new Int32Array(new SharedArrayBuffer(4))

class IndexComparison {
  readonly #piece: Piece
  readonly #db: DatabaseSync
  /** Of each block, the earliest and latest occurredAt of its events. */
  readonly #spans: (readonly [number, number])[] = []
  #narrow: Drift | undefined
  /** Places are those of records in the file. */
  #placed = true
  readonly #findings: Findings
  readonly #key = randomBytes(32)
  readonly #hashes = new Map<string, Buffer>()

  constructor(piece: Piece, db: DatabaseSync, findings: Findings) {
    this.#piece = piece
    this.#db = db
    this.#findings = findings
  }

  run(live: boolean): void {
    const { from, to } = this.#piece
    const meta = readMeta(this.#db)
    const next = meta.get('next')
    if (meta.get('version') !== INDEX_VERSION || typeof next !== 'number' || next < from)
      throw new Error('its state is damaged')
    const ahead = next > to
    if (ahead && !live) throw new Error(`it goes up to position ${next - 1}, the segment to ${to - 1}`)
    const rows = Math.min(next, to) - from
    // Per event two 32-bit sums over its terms, and one over its idempotency key.
    const sums = new Uint32Array(2 * rows)
    const keys = new Uint32Array(rows)
    const places = new Float64Array(Math.ceil(rows / PLACE_EVERY))
    const rollup = new Map<string, number>()
    this.#addExpected(rows, sums, keys, places, rollup)
    this.#takeFound(rows, sums, keys, places, rollup, ahead)
    let terms: Drift | undefined
    let keyed: Drift | undefined
    let placed: Drift | undefined
    for (let row = 0; row < rows; row++) {
      if (sums[2 * row] !== 0 || sums[2 * row + 1] !== 0) terms = also(terms, from + row)
      if (keys[row] !== 0) keyed = also(keyed, from + row)
      if (this.#placed && row % PLACE_EVERY === 0 && places[row / PLACE_EVERY] !== 0)
        placed = also(placed, from + row)
    }
    this.#report(terms, 'does not have exactly the terms')
    this.#report(keyed, 'does not have the idempotency key')
    this.#report(placed, 'has another place')
    this.#report(this.#narrow, 'has too narrow a span of time at the block')
    for (const [group, count] of ahead ? [] : rollup) {
      if (count !== 0)
        this.#findings.add(
          'E_INDEX_DRIFT',
          from,
          `The search index counts ${-count} events too many or few in the group ${group}.`,
        )
    }
  }

  #report(drift: Drift | undefined, what: string): void {
    if (drift === undefined) return
    const which = drift.events === 1 ? 'this event' : `${drift.events} events, this the first`
    this.#findings.add('E_INDEX_DRIFT', drift.first, `The search index ${what} of ${which}.`)
  }

  #addExpected(
    rows: number,
    sums: Uint32Array,
    keys: Uint32Array,
    places: Float64Array,
    rollup: Map<string, number>,
  ): void {
    const { from } = this.#piece
    const { fd, form } = openPiece(this.#piece)
    this.#placed = form === 'open'
    try {
      walkPiece(fd, form, this.#piece, {
        damage: () => {},
        lost: () => {},
        thinned: () => {},
        stated: () => {},
        record: (index, bytes, fields, at) => {
          const row = index - from
          if (row >= rows) return
          const expected = indexRow(index, storedRecord(bytes, fields), at)
          for (const term of expected.terms.split(' ')) this.#add(sums, row, this.#hash(term), 1)
          if (expected.key !== undefined) keys[row] = this.#hash(expected.key).readUInt32BE(8)
          if (row % PLACE_EVERY === 0) places[row / PLACE_EVERY] = at
          const block = Math.floor(row / PLACE_EVERY)
          const [oldest, newest] = this.#spans[block] ?? [expected.time, expected.time]
          this.#spans[block] = [Math.min(oldest, expected.time), Math.max(newest, expected.time)]
          const group = JSON.stringify([
            Math.floor(expected.time / 3_600_000),
            expected.action,
            expected.result,
            expected.phase,
          ])
          rollup.set(group, (rollup.get(group) ?? 0) + 1)
        },
      })
    } finally {
      closeSync(fd)
    }
  }

  #takeFound(
    rows: number,
    sums: Uint32Array,
    keys: Uint32Array,
    places: Float64Array,
    rollup: Map<string, number>,
    ahead: boolean,
  ): void {
    const db = this.#db
    const stray = (what: string): void =>
      this.#findings.add(
        'E_INDEX_DRIFT',
        this.#piece.from,
        `The search index has ${what} of an event that is not in its segment.`,
      )
    db.exec("CREATE VIRTUAL TABLE temp.pairs USING fts5vocab('main', 'term', 'instance')")
    for (const pair of db.prepare('SELECT term, doc FROM temp.pairs').iterate() as Iterable<{
      term: string
      doc: number
    }>) {
      if (pair.doc >= 0 && pair.doc < rows) this.#add(sums, pair.doc, this.#hash(pair.term), -1)
      else if (pair.doc < 0 || !ahead) stray('terms')
    }
    for (const { key, row } of db.prepare('SELECT key, row FROM keyed').iterate() as Iterable<{
      key: string
      row: number
    }>) {
      if (row < 0 || (row >= rows && !ahead)) stray('the idempotency key')
      else if (row < rows) keys[row] = ((keys[row] as number) - this.#hash(key).readUInt32BE(8)) >>> 0
    }
    for (const { block, offset, oldest, newest } of db.prepare('SELECT * FROM place').iterate() as Iterable<{
      block: number
      offset: number
      oldest: number
      newest: number
    }>) {
      if (block < 0 || block >= places.length) continue
      places[block] = (places[block] as number) - offset
      // A wider span only costs time; a narrower one would hide events.
      const span = this.#spans[block]
      if (span !== undefined && (oldest > span[0] || newest < span[1])) {
        this.#narrow = also(this.#narrow, this.#piece.from + block * PLACE_EVERY)
      }
    }
    for (const row of db
      .prepare('SELECT hour, action, result, phase, count FROM rollup')
      .iterate() as Iterable<Record<string, number>>) {
      const group = JSON.stringify([row['hour'], row['action'], row['result'], row['phase']])
      rollup.set(group, (rollup.get(group) ?? 0) - (row['count'] as number))
    }
  }

  #add(sums: Uint32Array, row: number, hash: Buffer, sign: 1 | -1): void {
    sums[2 * row] = ((sums[2 * row] as number) + sign * hash.readUInt32BE(0)) >>> 0
    sums[2 * row + 1] = ((sums[2 * row + 1] as number) + sign * hash.readUInt32BE(4)) >>> 0
  }

  #hash(term: string): Buffer {
    let hash = this.#hashes.get(term)
    if (hash === undefined) {
      hash = Buffer.from(sha256(Buffer.concat([this.#key, Buffer.from(term)])), 'latin1')
      if (this.#hashes.size >= MOST_TERMS) this.#hashes.clear()
      this.#hashes.set(term, hash)
    }
    return hash
  }
}

/** Events of a segment that the index has otherwise. */
interface Drift {
  readonly first: number
  readonly events: number
}

function also(drift: Drift | undefined, index: number): Drift {
  return { first: drift?.first ?? index, events: (drift?.events ?? 0) + 1 }
}

function storedRecord(bytes: Buffer, fields: RecordFields): StoredRecord {
  const parts = Array.from({ length: fields.count }, (_, i) => {
    const from = fields.partAt[i] as number
    const length = fields.partLength[i] as number
    const content = fields.erased[i] === true ? null : bytes.subarray(from, from + length)
    return { name: fields.names[i] as string, keys: [], bytes: content, length }
  })
  return { entry: bytes.subarray(fields.entryAt, fields.entryEnd), parts, length: 0, bytes }
}
