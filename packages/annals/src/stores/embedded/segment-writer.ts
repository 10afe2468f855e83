import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeCommit } from '../../log/commit-frame.ts'
import type { Batch } from '../../log/log-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { syncDirectory } from './files.ts'
import { formatSegmentHead, SEGMENT_HEADER, type SegmentRef } from './segment-file.ts'

const SMALLEST_STEP = 256 * 1024
const LARGEST_STEP = 16 * 1024 * 1024
const zeros = Buffer.alloc(1024 * 1024)

/**
 * Appends to one segment file. The file is filled with zeros ahead of the data, so that an fdatasync writes data only and
 * no file-system metadata.
 */
export class SegmentWriter {
  readonly ref: SegmentRef
  readonly #file: FileHandle
  #offset: number
  #count: number
  #allocated: number
  #growing: Promise<void> | undefined
  #broken: AnnalsError | undefined

  private constructor(ref: SegmentRef, file: FileHandle, offset: number, count: number, allocated: number) {
    this.ref = ref
    this.#file = file
    this.#offset = offset
    this.#count = count
    this.#allocated = allocated
  }

  /** Makes a new segment; durable when it resolves. Nothing of one that could not be made stays: the next may be in another chunk. */
  static async create(ref: SegmentRef, chunk: number): Promise<SegmentWriter> {
    const file = await open(ref.path, 'w+', 0o640)
    try {
      await file.write(formatSegmentHead({ chunk, first: ref.first }), 0, SEGMENT_HEADER, 0)
      const writer = new SegmentWriter(ref, file, SEGMENT_HEADER, 0, SEGMENT_HEADER)
      await writer.#grow(SMALLEST_STEP)
      await file.sync()
      syncDirectory(dirname(ref.path))
      return writer
    } catch (error) {
      await file.close()
      await rm(ref.path, { force: true })
      throw error
    }
  }

  /** Goes on with a segment after its last whole append; what lies behind it is cut. */
  static async resume(ref: SegmentRef, offset: number, count: number): Promise<SegmentWriter> {
    const file = await open(ref.path, 'r+')
    try {
      await file.truncate(offset)
      await file.datasync()
      return new SegmentWriter(ref, file, offset, count, offset)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Position after the last append, in bytes. */
  get offset(): number {
    return this.#offset
  }

  /** Entries in the segment. */
  get count(): number {
    return this.#count
  }

  /** Writes a batch and its commit frame; durable when it resolves. */
  async append(batch: Batch): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const end = writeCommit(batch.bytes, batch.length, {
      from: batch.at,
      count: batch.count,
      bytes: batch.length,
    })
    await this.#growing
    try {
      if (this.#offset + end > this.#allocated) await this.#grow(end)
      await writeAll(this.#file, batch.bytes, end, this.#offset)
      await this.#file.datasync()
    } catch (error) {
      await this.#takeBack(error)
      throw error
    }
    this.#offset += end
    this.#count += batch.count
    if (this.#allocated - this.#offset < this.#step() / 2) this.#growAhead()
  }

  /** Ends the file after its last append and closes it. */
  async close(): Promise<void> {
    await this.#growing
    try {
      if (this.#broken === undefined && this.#allocated > this.#offset) {
        await this.#file.truncate(this.#offset)
        await this.#file.sync()
      }
    } finally {
      await this.#file.close()
    }
  }

  #step(): number {
    return Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, this.#offset))
  }

  /** Allocates the next stretch in the background; a failure shows when the room is needed. */
  #growAhead(): void {
    this.#growing = this.#grow(this.#step()).then(
      () => {
        this.#growing = undefined
      },
      () => {
        this.#growing = undefined
      },
    )
  }

  async #grow(bytes: number): Promise<void> {
    const end = Math.max(this.#allocated, this.#offset) + Math.max(bytes, this.#step())
    for (let at = this.#allocated; at < end; at += zeros.length) {
      const length = Math.min(zeros.length, end - at)
      await writeAll(this.#file, zeros, length, at)
      this.#allocated = at + length
    }
  }

  /** After a failed write: nothing of the batch may stay, or the log and its writer would disagree. */
  async #takeBack(cause: unknown): Promise<void> {
    try {
      await this.#file.truncate(this.#offset)
      await this.#file.datasync()
      this.#allocated = this.#offset
    } catch {
      this.#broken = new AnnalsError(
        'ANNALS_STORE',
        'A failed write could not be taken back; the trail must be opened anew.',
        { cause },
      )
    }
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, length: number, position: number): Promise<void> {
  for (let at = 0; at < length; ) {
    const { bytesWritten } = await file.write(bytes, at, length - at, position + at)
    at += bytesWritten
  }
}
