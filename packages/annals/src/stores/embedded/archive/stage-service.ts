import type { WrittenObject } from '../../../lifecycle/archive/hashed-object.ts'
import type { SealManifest } from '../../../log/log-store.ts'
import type { DirectoryReader } from '../read/directory-reader.ts'
import { positioned } from '../read/positioned.ts'
import { stageFiles } from './stage-files.ts'
import type { StageKeys } from './stage-keys.ts'

/** Stages chunks, as its thread serves it. */
export class StageService {
  readonly #reader: DirectoryReader
  readonly #keys: StageKeys

  constructor(reader: DirectoryReader, keys: StageKeys) {
    this.#reader = reader
    this.#keys = keys
  }

  async stage(seal: SealManifest, into: string): Promise<WrittenObject[]> {
    const records = positioned((from, to) => this.#reader.read(from, to), seal.lo, seal.hi)
    return await stageFiles(seal, records, this.#keys, into)
  }

  close(): void {
    this.#reader.close()
    this.#keys.close()
  }
}
