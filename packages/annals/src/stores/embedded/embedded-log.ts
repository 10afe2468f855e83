import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { frontierIds, parseCheckpoint, parseNote, type Tile } from '@annals/tlog'
import type { Digest } from '../../log/digest.ts'
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
import { periodName } from '../../log/period.ts'
import type { Period } from '../../log/store.ts'
import { treeReader } from '../../log/tree-reader.ts'
import { AnnalsError } from '../../model/index.ts'
import { isErasing } from './erase/journal.ts'
import { readIfThere, replaceFile, syncDirectory } from './files.ts'
import { type Layout, positionName, SEGMENT_BYTES, SEGMENT_EVENTS } from './layout.ts'
import type { RawRecords } from './read/directory-reader.ts'
import { positioned } from './read/positioned.ts'
import { recover } from './recover.ts'
import { placeOfChunk } from './sealed/chunk-segments.ts'
import type { SealTask } from './sealed/seal-chunk.ts'
import { MANIFEST, readManifest } from './sealed/seal-manifest.ts'
import { listSegments, SEGMENT_HEADER, segmentRef } from './segment-file.ts'
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
  readonly #keeper: Thread
  readonly #query: Thread
  readonly #origin: string
  readonly #clean: boolean
  readonly #stage: (manifest: SealManifest) => Promise<StagedChunk>
  #writer: SegmentWriter | undefined
  #chunk = -1
  #size = 0
  #syncing: Promise<void> = Promise.resolve()
  #lastSource: string | undefined

  constructor(options: {
    readonly layout: Layout
    /** Name of the log in its checkpoints. */
    readonly origin: string
    readonly period: Period
    readonly shared: SharedState
    /** The thread that reads the directory. */
    readonly query: Thread
    /** The last writer closed the log. */
    readonly clean: boolean
    /** Writes a sealed chunk in the form of an archive. */
    readonly stage: (manifest: SealManifest) => Promise<StagedChunk>
    readonly limits?: Partial<SegmentLimits> | undefined
  }) {
    this.#layout = options.layout
    this.#period = options.period
    this.#shared = options.shared
    this.#origin = options.origin
    this.#query = options.query
    this.#clean = options.clean
    this.#stage = options.stage
    this.#limits = { events: SEGMENT_EVENTS, bytes: SEGMENT_BYTES, ...options.limits }
    const { dir } = options.layout
    const thread = new Thread(moduleBeside(import.meta.url, './tile-worker'), { dir })
    this.#tileThread = thread
    this.#keeper = new Thread(moduleBeside(import.meta.url, './sealed/keeper-worker'), {
      dir,
      shared: options.shared.buffer,
    })
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
    // Before anything is read: records that were being erased may be half overwritten.
    const unfinished = await this.#finishErasing()
    const { size, last, tree, checkpoint, notices } = await recover(this.#layout, this.#tiles, this.#clean)
    this.#size = size
    this.#lastSource = last?.entry?.source
    let chunk: Head['chunk']
    if (last !== undefined) {
      this.#writer = await SegmentWriter.resume(last.ref, last.scan.end, last.scan.count)
      this.#chunk = last.scan.head.chunk
      if (last.entry !== undefined) chunk = { lo: last.scan.head.chunk, time: last.entry.time, own: last.own }
    }
    this.#shared.grew({ size, segment: last?.ref.first ?? 0, offset: last?.scan.end ?? SEGMENT_HEADER })
    return {
      tree: tree.mark(),
      lastTime: last?.entry?.time ?? 0,
      lastId: last?.entry?.id,
      chunk,
      checkpoint,
      notices: [...unfinished, ...notices],
    }
  }

  /** Finishes an erasure that a crash cut short. Where damage prevents that, the log is opened all the same and says so. */
  async #finishErasing(): Promise<readonly string[]> {
    if (!(await isErasing(this.#layout))) return []
    try {
      await this.#keeper.call('finishErasing')
      return []
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return [`An erasure that was begun could not be finished: ${why} It is tried again with the next one.`]
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
    return positioned(async (at, end) => (await this.#query.call('read', at, end)) as RawRecords, from, to)
  }

  async hashes(tile: Tile): Promise<Uint8Array> {
    return await this.#tiles.read(tile)
  }

  async publish(checkpoint: Uint8Array): Promise<void> {
    await replaceFile(this.#layout.checkpoint, checkpoint)
  }

  async keep(checkpoint: Uint8Array): Promise<void> {
    const { size } = parseCheckpoint(parseNote(checkpoint).text)
    if ((await mkdir(this.#layout.checkpoints, { recursive: true })) !== undefined)
      syncDirectory(this.#layout.dir)
    await replaceFile(this.#keptPath(size), checkpoint)
  }

  async kept(size: number): Promise<Uint8Array | undefined> {
    return await readIfThere(this.#keptPath(size))
  }

  async keepToken(size: number, token: Uint8Array): Promise<void> {
    await replaceFile(`${this.#keptPath(size)}.tsr`, token)
  }

  async token(size: number): Promise<Uint8Array | undefined> {
    return await readIfThere(`${this.#keptPath(size)}.tsr`)
  }

  async chunks(): Promise<readonly Chunk[]> {
    return (await this.#query.call('chunks')) as readonly Chunk[]
  }

  async seal(lo: number): Promise<SealManifest> {
    const { hi } = placeOfChunk(this.#layout, lo)
    const sealed = await this.manifest(lo)
    if (sealed !== undefined) return sealed
    const task: SealTask = {
      origin: this.#origin,
      lo,
      frontier: await this.#frontier(lo),
      before: lo === 0 ? undefined : await this.#keptText(lo),
      after: await this.#keptText(hi),
    }
    return (await this.#keeper.call('seal', task)) as SealManifest
  }

  async manifest(lo: number): Promise<SealManifest | undefined> {
    const ref = listSegments(this.#layout.chunks).find(({ first }) => first === lo)
    if (ref === undefined) return undefined
    const manifest = await readManifest(join(dirname(ref.path), MANIFEST))
    return manifest?.lo === lo ? manifest : undefined
  }

  async thin(lo: number, ranges: readonly Range[]): Promise<void> {
    await this.#keeper.call('thin', lo, ranges)
  }

  async erase(parts: readonly PartPlace[]): Promise<void> {
    for (const [index] of parts) {
      if (!(index >= 0 && index < this.#size))
        throw new RangeError(`position ${index} is not below ${this.#size}`)
    }
    await this.#keeper.call('erase', parts)
  }

  async drop(lo: number): Promise<void> {
    await this.#keeper.call('drop', lo)
  }

  async stage(lo: number): Promise<StagedChunk> {
    const manifest = await this.manifest(lo)
    if (manifest !== undefined) return await this.#stage(manifest)
    throw new AnnalsError('ANNALS_INVALID', `The chunk at position ${lo} is not sealed.`, {
      hint: 'Seal it first.',
    })
  }

  async close(): Promise<void> {
    await this.#syncing
    try {
      await this.#tiles.sync()
    } finally {
      await this.#keeper.close()
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
    // One in which nothing could be written holds the position of this one.
    if (writer?.count === 0 && writer.ref.path !== ref.path) await rm(writer.ref.path)
    // Tiles of an ended segment become durable behind its back; the next roll waits for it, so at most two segments lag.
    this.#syncing = this.#tiles.sync()
    this.#syncing.catch(() => {})
    return next
  }

  /** Directory of the batch's chunk; two chunks can share a period's name only after the period was changed. */
  #chunkDirectory(batch: Batch): string {
    const segments = listSegments(this.#layout.chunks)
    const own = segments.find(ref => ref.first === batch.chunk)
    // A chunk keeps the name that it began with, also when nothing but entries of the log was in it until now.
    if (own !== undefined && batch.chunk < batch.at) return own.chunk
    const name = periodName(this.#period, batch.firstTime)
    const taken = segments.some(ref => ref.chunk === name && ref.first !== batch.at)
    return taken ? `${name}.${positionName(batch.chunk)}` : name
  }

  #keptPath(size: number): string {
    return join(this.#layout.checkpoints, positionName(size))
  }

  async #keptText(size: number): Promise<string> {
    const note = await this.kept(size)
    if (note !== undefined) return Buffer.from(note).toString('utf8')
    throw new AnnalsError('ANNALS_NOT_FOUND', `There is no checkpoint over exactly ${size} entries.`, {
      hint: `A chunk is sealed between the checkpoints at its ends; restore ${this.#keptPath(size)}.`,
    })
  }

  /** Frontier of the tree over the first entries. */
  async #frontier(size: number): Promise<readonly Digest[]> {
    const hashes = await treeReader(this, this.#size).readHashes(frontierIds(size))
    return hashes.map(hash => Buffer.from(hash).toString('latin1'))
  }
}
