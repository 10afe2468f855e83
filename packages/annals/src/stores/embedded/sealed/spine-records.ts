import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readRecord, type StoredRecord, writeThinned } from '../../../log/record-bytes.ts'
import { AnnalsError } from '../../../model/index.ts'
import type { SegmentRecords } from '../read/segment-records.ts'
import { SealedError, type SealedHead } from './sealed-head.ts'
import { parseSpineHead, SPINE_HEADER } from './spine.ts'

const WINDOW = 512

/** Records of a dropped segment: leaf hashes, as thinned records of which the class is not known any more. */
export class SpineRecords implements SegmentRecords {
  readonly #path: string
  readonly #fd: number
  readonly #head: SealedHead
  #hashes: Buffer = Buffer.alloc(0)
  /** Position of the first hash in the buffer. */
  #from = 0

  /** @throws AnnalsError ANNALS_CORRUPT */
  constructor(path: string) {
    this.#path = path
    this.#fd = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(SPINE_HEADER)
      readSync(this.#fd, bytes, 0, SPINE_HEADER, 0)
      this.#head = parseSpineHead(bytes, fstatSync(this.#fd).size)
    } catch (cause) {
      closeSync(this.#fd)
      throw cause instanceof SealedError ? this.#damaged(cause.message, cause) : cause
    }
  }

  /** Position after the last. */
  get end(): number {
    return this.#head.end
  }

  get removed(): boolean {
    return fstatSync(this.#fd).nlink === 0
  }

  record(index: number): StoredRecord {
    const bytes = Buffer.allocUnsafe(64)
    const length = writeThinned(bytes, 0, { leaf: this.#leaf(index), retention: '' })
    return readRecord(bytes.subarray(0, length), 0)
  }

  walk(from: number, to: number, visit: (index: number, record: StoredRecord) => void): void {
    for (let index = from; index < to; index++) visit(index, this.record(index))
  }

  firstKey(): undefined {
    return undefined
  }

  seek(end: number): number {
    return end
  }

  close(): void {
    closeSync(this.#fd)
  }

  #leaf(index: number): Buffer {
    if (index < this.#from || index >= this.#from + this.#hashes.length / 32) {
      const count = Math.min(WINDOW, this.#head.end - index)
      const bytes = Buffer.allocUnsafe(32 * count)
      const read = readSync(this.#fd, bytes, 0, bytes.length, SPINE_HEADER + 32 * (index - this.#head.first))
      if (read < bytes.length) throw this.#damaged('the spine is cut short')
      this.#hashes = bytes
      this.#from = index
    }
    const at = 32 * (index - this.#from)
    return this.#hashes.subarray(at, at + 32)
  }

  #damaged(message: string, cause?: unknown): AnnalsError {
    return new AnnalsError('ANNALS_CORRUPT', `${this.#path}: ${message}.`, {
      cause,
      hint: 'Run annals verify, and restore the file from a copy.',
    })
  }
}
