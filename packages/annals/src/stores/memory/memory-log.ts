import type { Tile } from '@annals/tlog'
import { type Entry, readEntry } from '../../log/entry.ts'
import { LeafTree } from '../../log/leaf-tree.ts'
import type { Batch, Head, LogStore, Positioned } from '../../log/log-store.ts'
import { readRecord, type StoredRecord } from '../../log/record-bytes.ts'
import { AnnalsError } from '../../model/index.ts'
import { MemoryTiles } from './memory-tiles.ts'

/** Most records that `read` yields at a time. */
const READ_RECORDS = 1_024

/** A record with its header as it was parsed once. */
export interface MemoryRecord {
  readonly entry: Entry
  readonly record: StoredRecord
}

/** A log in memory: the bytes of its records, and the hashes over them. */
export class MemoryLog implements LogStore {
  readonly #records: MemoryRecord[] = []
  readonly #keyed = new Map<string, number>()
  readonly #tiles = new MemoryTiles()
  #chunk: Head['chunk']
  #checkpoint: Uint8Array | undefined
  #closed = false

  get size(): number {
    return this.#records.length
  }

  /** The record at a position below the size. */
  at(index: number): MemoryRecord {
    const record = this.#records[index]
    if (record === undefined) throw new RangeError(`position ${index} is not below ${this.size}`)
    return record
  }

  /** The position recorded under an idempotency key. */
  keyed(key: string): number | undefined {
    return this.#keyed.get(key)
  }

  async open(): Promise<Head> {
    this.requireOpen()
    const tree = new LeafTree()
    for (const leaf of this.#tiles.leaves) tree.append(leaf, [])
    const last = this.#records.at(-1)?.entry
    return {
      tree: tree.mark(),
      lastTime: last?.recordedAt ?? 0,
      lastId: last?.id,
      chunk: this.#chunk,
      checkpoint: this.#checkpoint,
      notices: [],
    }
  }

  async append(batch: Batch): Promise<void> {
    this.requireOpen()
    if (batch.at !== this.size) {
      throw new AnnalsError(
        'ANNALS_CONFLICT',
        `The log has ${this.size} entries, the append expects ${batch.at}.`,
      )
    }
    const records = parsed(batch)
    for (const record of records) {
      const { key } = record.entry
      if (key !== undefined && !this.#keyed.has(key)) this.#keyed.set(key, this.size)
      this.#records.push(record)
    }
    this.#tiles.add(batch.leaves, batch.nodes)
    if (this.#chunk?.lo !== batch.chunk) this.#chunk = { lo: batch.chunk, time: batch.firstTime }
  }

  async *read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
    for (let at = Math.max(0, from); at < Math.min(to, this.size); ) {
      this.requireOpen()
      const end = Math.min(to, this.size, at + READ_RECORDS)
      yield this.#records.slice(at, end).map(({ record }, i) => ({ index: at + i, record }))
      at = end
    }
  }

  async hashes(tile: Tile): Promise<Uint8Array> {
    this.requireOpen()
    return this.#tiles.read(tile)
  }

  async publish(checkpoint: Uint8Array): Promise<void> {
    this.requireOpen()
    this.#checkpoint = Uint8Array.from(checkpoint)
  }

  close(): void {
    this.#closed = true
  }

  /** @throws AnnalsError ANNALS_CLOSED */
  requireOpen(): void {
    if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
  }
}

/** The records of a batch over a copy of its bytes, whose buffer the caller uses again. */
function parsed(batch: Batch): readonly MemoryRecord[] {
  const bytes = Buffer.from(batch.bytes.subarray(0, batch.length))
  const records: MemoryRecord[] = []
  for (let at = 0; at < bytes.length; ) {
    const record = readRecord(bytes, at)
    records.push({ entry: readEntry(record.entry.toString('latin1')), record })
    at += record.length
  }
  if (records.length !== batch.count || batch.leaves.length !== batch.count) {
    throw new AnnalsError(
      'ANNALS_STORE',
      `The batch says ${batch.count} entries and holds ${records.length}.`,
    )
  }
  return records
}
