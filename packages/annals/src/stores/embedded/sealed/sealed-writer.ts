import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { type Digest, sha256 } from '../../../log/digest.ts'
import { compressBlock, encodeBlock, type SealedRecord } from './encode-block.ts'
import { SealedFile } from './sealed-file.ts'
import {
  BLOCK_RECORDS,
  type BlockLine,
  blockCount,
  blocksBegin,
  formatSealedHead,
  SealedError,
  type SealedHead,
} from './sealed-head.ts'
import { storedForm } from './stored-form.ts'

/** Bytes written before they are synced: the log's own syncs wait for no more than this. */
const SYNC_EVERY = 1024 * 1024

/** Time and id of the entry that a block begins with. */
export type BlockStart = Pick<BlockLine, 'time' | 'id'>

/** Writes a sealed segment to a file of another name, block by block. Blocks its thread. */
export class SealedWriter {
  readonly #path: string
  readonly #head: SealedHead
  readonly #fd: number
  readonly #directory: BlockLine[] = []
  /** Digest of what each block must give back. */
  readonly #expected: Digest[] = []
  #at: number
  #unsynced = 0
  #closed = false

  /** @param path of the file to make, in the place of any there is */
  constructor(path: string, head: SealedHead) {
    this.#path = path
    this.#head = head
    this.#fd = openSync(path, 'w', 0o640)
    this.#at = blocksBegin(blockCount(head.end - head.first))
  }

  /** Adds the next block: 128 records, the last block what is left. */
  add(records: readonly SealedRecord[], start: BlockStart): void {
    const raw = encodeBlock(records)
    this.#write(compressBlock(raw), raw.length, start)
    this.#expected.push(sha256(Buffer.concat(records.map(storedForm))))
  }

  /** Adds a block of another sealed segment as it is. */
  copy(stored: Buffer, line: BlockLine, records: Buffer): void {
    this.#write(stored, line.raw, line)
    this.#expected.push(sha256(records))
  }

  /**
   * Writes header and directory, makes the file durable, and reads it back: it gives the records that were put in.
   *
   * @throws SealedError when it does not
   */
  finish(): void {
    const { first, end } = this.#head
    if (this.#directory.length !== blockCount(end - first)) throw new RangeError('blocks are missing')
    writeAll(this.#fd, formatSealedHead(this.#head, this.#directory), 0)
    fsyncSync(this.#fd)
    this.#close()
    this.#readBack()
  }

  /** Gives up: nothing of it stays. */
  abandon(): void {
    this.#close()
    rmSync(this.#path, { force: true })
  }

  #close(): void {
    if (!this.#closed) closeSync(this.#fd)
    this.#closed = true
  }

  #write(stored: Buffer, raw: number, { time, id }: BlockStart): void {
    writeAll(this.#fd, stored, this.#at)
    this.#directory.push({ at: this.#at, length: stored.length, raw, crc: crc32(stored), time, id })
    this.#at += stored.length
    this.#unsynced += stored.length
    if (this.#unsynced < SYNC_EVERY) return
    fdatasyncSync(this.#fd)
    this.#unsynced = 0
  }

  #readBack(): void {
    const file = new SealedFile(this.#path)
    try {
      for (const [i, expected] of this.#expected.entries()) {
        if (sha256(file.block(i).bytes) !== expected)
          throw new SealedError(
            `positions from ${file.firstOf(i)} to ${file.firstOf(i) + BLOCK_RECORDS - 1} were not read back as they were written`,
          )
      }
    } finally {
      file.close()
    }
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at)
}
