import { parseCheckpoint, parseNote, type Tile } from '@annals/tlog'
import type { ArchiveKeys } from '../../lifecycle/archive/encode-chunk.ts'
import { stageInMemory } from '../../lifecycle/archive/stage-in-memory.ts'
import { type Digest, digestBytes } from '../../log/digest.ts'
import { type Entry, readEntry } from '../../log/entry.ts'
import { eraseRecordParts } from '../../log/erase-record.ts'
import { LeafTree } from '../../log/leaf-tree.ts'
import type {
  Batch,
  Chunk,
  Head,
  LogStore,
  PartPlace,
  Positioned,
  Range,
  SealManifest,
  StagedChunk,
} from '../../log/log-store.ts'
import { isOwnEntry } from '../../log/own-entry.ts'
import { readRecord, type StoredRecord, writeThinned } from '../../log/record-bytes.ts'
import type { LogIdentity } from '../../log/store.ts'
import { AnnalsError, isLogAction } from '../../model/index.ts'
import { MemoryChunks, sealManifest } from './memory-chunks.ts'
import { MemoryTiles } from './memory-tiles.ts'

/** Most records that `read` yields at a time. */
const READ_RECORDS = 1_024

/** A record with its header as it was parsed once; none when it was thinned. */
export interface MemoryRecord {
  readonly entry: Entry | undefined
  readonly record: StoredRecord
}

/** A log in memory: the bytes of its records, and the hashes over them. */
export class MemoryLog implements LogStore {
  readonly #origin: string
  readonly #keys: ArchiveKeys
  readonly #records: MemoryRecord[] = []
  readonly #keyed = new Map<string, number>()
  readonly #tiles = new MemoryTiles()
  readonly #chunks: MemoryChunks
  readonly #kept = new Map<number, Uint8Array>()
  readonly #tokens = new Map<number, Uint8Array>()
  #checkpoint: Uint8Array | undefined
  /** How often content has gone. */
  erasures = 0
  #closed = false

  constructor(identity: Pick<LogIdentity, 'origin' | 'period'>, keys: ArchiveKeys) {
    this.#origin = identity.origin
    this.#keys = keys
    this.#chunks = new MemoryChunks(identity.period)
  }

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
    const last = this.#records.at(-1)?.entry
    return {
      tree: this.#treeOf(this.size).mark(),
      lastTime: last?.recordedAt ?? 0,
      lastId: last?.id,
      chunk: this.#chunks.open,
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
    this.#chunks.appended(
      batch,
      records.every(({ entry }) => isLogAction(entry.action)),
    )
  }

  async *read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
    for (let at = Math.max(0, from); at < Math.min(to, this.size); ) {
      this.requireOpen()
      const end = Math.min(to, this.size, at + READ_RECORDS)
      // Copies: what is erased later is wiped where it lies.
      const records = this.#records
        .slice(at, end)
        .map(({ record }) => readRecord(Buffer.from(record.bytes), 0))
      yield records.map((record, i) => ({ index: at + i, record }))
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

  async keep(checkpoint: Uint8Array): Promise<void> {
    this.requireOpen()
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    this.#kept.set(size, Uint8Array.from(checkpoint))
  }

  async kept(size: number): Promise<Uint8Array | undefined> {
    this.requireOpen()
    return this.#kept.get(size)
  }

  async keepToken(size: number, token: Uint8Array): Promise<void> {
    this.requireOpen()
    this.#tokens.set(size, Uint8Array.from(token))
  }

  async token(size: number): Promise<Uint8Array | undefined> {
    this.requireOpen()
    return this.#tokens.get(size)
  }

  async chunks(): Promise<readonly Chunk[]> {
    this.requireOpen()
    return this.#chunks.all.map(({ lo, hi, period, firstTime, lastTime, state }) => {
      let bytes = 0
      for (const { record } of this.#records.slice(lo, hi)) bytes += record.length
      return { lo, hi, period, firstTime, lastTime, state, bytes }
    })
  }

  async seal(lo: number): Promise<SealManifest> {
    this.requireOpen()
    const chunk = this.#chunks.at(lo)
    if (chunk.manifest !== undefined) return chunk.manifest
    if (chunk.state === 'open') {
      throw new AnnalsError('ANNALS_INVALID', `The chunk at position ${lo} has not ended.`, {
        hint: 'It ends when its period is over and another event comes.',
      })
    }
    const classes = this.#records.slice(lo, chunk.hi).map(({ entry }) => (entry as Entry).retention)
    chunk.manifest = sealManifest(
      this.#origin,
      chunk,
      this.#treeOf(lo),
      size => this.#kept.get(size),
      classes,
    )
    chunk.state = 'sealed'
    return chunk.manifest
  }

  async manifest(lo: number): Promise<SealManifest | undefined> {
    this.requireOpen()
    return this.#chunks.at(lo).manifest
  }

  async erase(parts: readonly PartPlace[]): Promise<void> {
    this.requireOpen()
    for (const [index] of parts) this.at(index)
    this.erasures++
    for (const [index, name] of parts) {
      const { entry, record } = this.at(index)
      eraseRecordParts(record.bytes, 0, new Set([name]))
      this.#records[index] = { entry, record: readRecord(record.bytes, 0) }
    }
  }

  async thin(lo: number, ranges: readonly Range[]): Promise<void> {
    this.requireOpen()
    const chunk = this.#chunks.sealedAt(lo)
    this.erasures++
    for (const [from, to] of ranges) {
      for (let index = Math.max(lo, from); index < Math.min(chunk.hi, to); index++) this.#thin(index)
    }
    if (this.#records.slice(lo, chunk.hi).every(({ entry }) => entry === undefined)) chunk.state = 'dropped'
  }

  async drop(lo: number): Promise<void> {
    this.requireOpen()
    const chunk = this.#chunks.sealedAt(lo)
    this.erasures++
    // The log's own entries say what was archived, erased, held and expired: no deletion may lose its authority.
    for (let index = lo; index < chunk.hi; index++)
      if (!isOwnEntry(this.at(index).record.entry)) this.#thin(index)
    chunk.state = 'dropped'
  }

  async stage(lo: number): Promise<StagedChunk> {
    this.requireOpen()
    const { hi, manifest } = this.#chunks.sealedAt(lo)
    return await stageInMemory(manifest as SealManifest, this.read(lo, hi), this.#keys)
  }

  close(): void {
    this.#closed = true
  }

  #thin(index: number): void {
    const { entry, record } = this.at(index)
    if (entry === undefined) return
    const leaf = digestBytes(this.#tiles.leaves[index] as Digest)
    const bytes = Buffer.alloc(128)
    const end = writeThinned(bytes, 0, { leaf, retention: entry.retention })
    this.#records[index] = { entry: undefined, record: readRecord(bytes.subarray(0, end), 0) }
    record.bytes.fill(0)
    if (entry.key !== undefined && this.#keyed.get(entry.key) === index) this.#keyed.delete(entry.key)
  }

  #treeOf(size: number): LeafTree {
    const tree = new LeafTree()
    for (const leaf of this.#tiles.leaves.slice(0, size)) tree.append(leaf, [])
    return tree
  }

  /** @throws AnnalsError ANNALS_CLOSED */
  requireOpen(): void {
    if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
  }
}

/** The records of a batch over a copy of its bytes, whose buffer the caller uses again. */
function parsed(batch: Batch): readonly (MemoryRecord & { readonly entry: Entry })[] {
  const bytes = Buffer.from(batch.bytes.subarray(0, batch.length))
  const records: (MemoryRecord & { readonly entry: Entry })[] = []
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
