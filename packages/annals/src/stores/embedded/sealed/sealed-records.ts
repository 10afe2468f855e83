import type { StoredRecord } from '../../../log/record-bytes.ts'
import { AnnalsError } from '../../../model/index.ts'
import { entryKey } from '../read/entry-key.ts'
import { type EntryKey, firstMet, type SegmentRecords } from '../read/segment-records.ts'
import { BlockCache } from './block-cache.ts'
import type { DecodedBlock } from './decode-block.ts'
import { SealedFile } from './sealed-file.ts'
import { type BlockLine, SealedError } from './sealed-head.ts'

const cache = new BlockCache()
let opened = 0

/** Records of a sealed segment. */
export class SealedRecords implements SegmentRecords {
  readonly #path: string
  readonly #file: SealedFile
  readonly #number = opened++

  /** @throws AnnalsError ANNALS_CORRUPT */
  constructor(path: string) {
    this.#path = path
    this.#file = this.#sound(() => new SealedFile(path))
  }

  /** Position after the last. */
  get end(): number {
    return this.#file.head.end
  }

  get removed(): boolean {
    return this.#file.removed
  }

  record(index: number): StoredRecord {
    const block = this.#file.blockOf(index)
    return this.#block(block).record(index - this.#file.firstOf(block))
  }

  walk(from: number, to: number, visit: (index: number, record: StoredRecord) => void): void {
    for (let index = from; index < to; index++) visit(index, this.record(index))
  }

  firstKey(): EntryKey {
    return this.#file.directory[0] as BlockLine
  }

  seek(end: number, met: (key: EntryKey) => boolean): number {
    const { directory } = this.#file
    const next = firstMet(0, directory.length, block => met(directory[block] as BlockLine))
    if (next === 0) return this.#file.head.first
    const bound = Math.min(end, this.#file.firstOf(next))
    for (let index = this.#file.firstOf(next - 1); index < bound; index++) {
      const key = entryKey(this.record(index))
      if (key !== undefined && met(key)) return index
    }
    return bound
  }

  close(): void {
    cache.forget(this.#number)
    this.#file.close()
  }

  #block(block: number): DecodedBlock {
    let decoded = cache.get(this.#number, block)
    if (decoded === undefined) {
      decoded = this.#sound(() => this.#file.block(block))
      cache.put(this.#number, block, decoded)
    }
    return decoded
  }

  #sound<T>(read: () => T): T {
    try {
      return read()
    } catch (cause) {
      if (!(cause instanceof SealedError)) throw cause
      throw new AnnalsError('ANNALS_CORRUPT', `${this.#path}: ${cause.message}.`, {
        cause,
        hint: 'Run annals verify, and restore the file from a copy.',
      })
    }
  }
}
