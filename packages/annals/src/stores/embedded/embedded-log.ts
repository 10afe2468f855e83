import { closeSync, openSync, readSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Tile } from '@annals/tlog'
import type { Batch, Head, LogStore, Positioned } from '../../log/log-store.ts'
import { periodName } from '../../log/period.ts'
import type { Period } from '../../log/store.ts'
import { AnnalsError } from '../../model/index.ts'
import { replaceFile, syncDirectory } from './files.ts'
import { type Layout, positionName, SEGMENT_BYTES, SEGMENT_EVENTS } from './layout.ts'
import type { RawRecords } from './read/directory-reader.ts'
import { positioned } from './read/positioned.ts'
import { recover } from './recover.ts'
import { listSegments, parseSegmentHead, SEGMENT_HEADER, segmentRef } from './segment-file.ts'
import { SegmentWriter } from './segment-writer.ts'
import type { SharedState } from './shared-state.ts'
import { moduleBeside, Thread } from './thread/thread.ts'
import { TileFiles } from './tile-files.ts'

/** Segments of at most so many entries and bytes; smaller in tests. */
export interface SegmentLimits {
  readonly events: number
  readonly bytes: number
}

/** The log of an embedded store: segment files that are the truth, and hash tiles beside them. */
export class EmbeddedLog implements LogStore {
  readonly #layout: Layout
  readonly #period: Period
  readonly #shared: SharedState
  readonly #limits: SegmentLimits
  readonly #tiles: TileFiles
  readonly #tileThread: Thread
  readonly #read: (from: number, to: number) => Promise<RawRecords>
  readonly #clean: boolean
  #writer: SegmentWriter | undefined
  #chunk = -1
  #size = 0
  #syncing: Promise<void> = Promise.resolve()
  #lastSource: string | undefined

  constructor(options: {
    readonly layout: Layout
    readonly period: Period
    readonly shared: SharedState
    readonly read: (from: number, to: number) => Promise<RawRecords>
    /** The last writer closed the log. */
    readonly clean: boolean
    readonly limits?: Partial<SegmentLimits> | undefined
  }) {
    this.#layout = options.layout
    this.#period = options.period
    this.#shared = options.shared
    this.#read = options.read
    this.#clean = options.clean
    this.#limits = { events: SEGMENT_EVENTS, bytes: SEGMENT_BYTES, ...options.limits }
    const { dir } = options.layout
    const thread = new Thread(moduleBeside(import.meta.url, './tile-worker'), { dir })
    this.#tileThread = thread
    this.#tiles = new TileFiles(dir, {
      write: async files => void (await thread.call('write', files)),
      sync: async () => void (await thread.call('sync')),
    })
  }

  /** Source of the last entry at opening. */
  get lastSource(): string | undefined {
    return this.#lastSource
  }

  /** Recovers the log once; asked again, it answers the same. */
  open(): Promise<Head> {
    this.#opened ??= this.#open()
    return this.#opened
  }
  #opened: Promise<Head> | undefined

  async #open(): Promise<Head> {
    const { size, last, tree, checkpoint, notices } = await recover(this.#layout, this.#tiles, this.#clean)
    this.#size = size
    this.#lastSource = last?.entry?.source
    let chunk: Head['chunk']
    if (last !== undefined) {
      this.#writer = await SegmentWriter.resume(last.ref, last.scan.end, last.scan.count)
      this.#chunk = last.scan.head.chunk
      if (last.entry !== undefined) chunk = { lo: last.scan.head.chunk, time: last.entry.time }
    }
    this.#shared.grew({ size, segment: last?.ref.first ?? 0, offset: last?.scan.end ?? SEGMENT_HEADER })
    return {
      tree: tree.mark(),
      lastTime: last?.entry?.time ?? 0,
      lastId: last?.entry?.id,
      chunk,
      checkpoint,
      notices,
    }
  }

  async append(batch: Batch): Promise<void> {
    if (batch.at !== this.#size) {
      throw new AnnalsError(
        'ANNALS_CONFLICT',
        `The log has ${this.#size} entries, the append expects ${batch.at}.`,
      )
    }
    await this.#tiles.room()
    const writer = await this.#writerFor(batch)
    await writer.append(batch)
    this.#size += batch.count
    this.#tiles.add(batch.leaves, batch.nodes)
    this.#shared.grew({ size: this.#size, segment: writer.ref.first, offset: writer.offset })
  }

  read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
    return positioned(this.#read, from, to)
  }

  async hashes(tile: Tile): Promise<Uint8Array> {
    return await this.#tiles.read(tile)
  }

  async publish(checkpoint: Uint8Array): Promise<void> {
    await replaceFile(this.#layout.checkpoint, checkpoint)
  }

  async close(): Promise<void> {
    await this.#syncing
    try {
      await this.#tiles.sync()
    } finally {
      await this.#tileThread.close()
      await this.#writer?.close()
    }
  }

  async #writerFor(batch: Batch): Promise<SegmentWriter> {
    const writer = this.#writer
    if (
      writer !== undefined &&
      batch.chunk === this.#chunk &&
      writer.count < this.#limits.events &&
      writer.offset < this.#limits.bytes
    ) {
      return writer
    }
    await this.#syncing
    const directory = this.#chunkDirectory(batch)
    const ref = segmentRef(this.#layout.chunks, directory, batch.at)
    if (await mkdir(dirname(ref.path), { recursive: true })) syncDirectory(this.#layout.chunks)
    const next = await SegmentWriter.create(ref, batch.chunk)
    this.#writer = next
    this.#chunk = batch.chunk
    await writer?.close()
    // Tiles of an ended segment become durable behind its back; the next roll waits for it, so at most two segments lag.
    this.#syncing = this.#tiles.sync()
    this.#syncing.catch(() => {})
    return next
  }

  /** Directory of the batch's chunk; two chunks can share a period's name only after the period was changed. */
  #chunkDirectory(batch: Batch): string {
    const name = periodName(this.#period, batch.firstTime)
    const other = listSegments(this.#layout.chunks).find(ref => ref.chunk === name)
    if (other === undefined || chunkOf(other.path) === batch.chunk) return name
    return `${name}.${positionName(batch.chunk)}`
  }
}

function chunkOf(path: string): number | undefined {
  const bytes = Buffer.alloc(SEGMENT_HEADER)
  const fd = openSync(path, 'r')
  try {
    readSync(fd, bytes, 0, SEGMENT_HEADER, 0)
  } finally {
    closeSync(fd)
  }
  return parseSegmentHead(bytes)?.chunk
}
