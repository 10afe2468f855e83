import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type DecodedBlock, openBlock } from './decode-block.ts'
import {
  BLOCK_LINE,
  BLOCK_RECORDS,
  type BlockLine,
  parseDirectory,
  parseSealedHead,
  SEALED_HEADER,
  SealedError,
  type SealedHead,
} from './sealed-head.ts'

/** An open sealed segment: its header, its directory, and its blocks. */
export class SealedFile {
  readonly head: SealedHead
  readonly directory: readonly BlockLine[]
  readonly #fd: number

  /** @throws SealedError when header or directory are damaged */
  constructor(path: string) {
    this.#fd = openSync(path, 'r')
    try {
      const head = parseSealedHead(this.#read(0, SEALED_HEADER))
      const { size } = fstatSync(this.#fd)
      const length = BLOCK_LINE * head.blocks + 4
      // Before anything of that length is allocated.
      if (SEALED_HEADER + length > size) throw new SealedError('the sealed segment is cut short')
      this.directory = parseDirectory(this.#read(SEALED_HEADER, length), head.blocks, size)
      this.head = head
    } catch (error) {
      closeSync(this.#fd)
      throw error
    }
  }

  /** Whether the file has been removed since it was opened. */
  get removed(): boolean {
    return fstatSync(this.#fd).nlink === 0
  }

  /** First position of a block. */
  firstOf(block: number): number {
    return this.head.first + block * BLOCK_RECORDS
  }

  /** The block that holds a position. */
  blockOf(index: number): number {
    return Math.floor((index - this.head.first) / BLOCK_RECORDS)
  }

  /** A block as it lies in the file. @throws SealedError */
  stored(block: number): Buffer {
    const { at, length } = this.directory[block] as BlockLine
    return this.#read(at, length)
  }

  /** The records of a block. @throws SealedError */
  block(block: number): DecodedBlock {
    const count = Math.min(BLOCK_RECORDS, this.head.end - this.firstOf(block))
    return openBlock(this.stored(block), this.directory[block] as BlockLine, count)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let done = 0; done < length; ) {
      const read = readSync(this.#fd, bytes, done, length - done, at + done)
      if (read === 0) throw new SealedError('the sealed segment is cut short')
      done += read
    }
    return bytes
  }
}
