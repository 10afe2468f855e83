import type { Digest } from '../../../log/digest.ts'
import { GgmWalk } from '../../../log/ggm.ts'
import { readKeyEncryption } from '../keys/key-encryption.ts'
import { SeedFiles } from '../keys/seed-files.ts'
import { VaultReader } from '../keys/vault.ts'
import type { Layout } from '../layout.ts'

/** Subject keys that are remembered: about 20 MB. */
const MOST_KEYS = 100_000

/** The secrets behind commitments, looked up and never made. */
export class PartSecrets {
  readonly #seeds: SeedFiles
  readonly #vault: VaultReader
  readonly #keys = new Map<string, Digest | undefined>()
  #walks = new Map<string, GgmWalk | undefined>()
  #chunk = -1

  private constructor(seeds: SeedFiles, vault: VaultReader) {
    this.#seeds = seeds
    this.#vault = vault
  }

  /** Undefined when the directory has no keys, or none that open them. */
  static async open(layout: Layout): Promise<PartSecrets | undefined> {
    const kek = await readKeyEncryption(layout)
    return kek === undefined
      ? undefined
      : new PartSecrets(new SeedFiles(layout, kek), new VaultReader(layout, kek))
  }

  /** The walk over the positions of a chunk for a retention class; undefined when its seed is missing or damaged. */
  walk(chunk: number, retention: string): GgmWalk | undefined {
    if (chunk !== this.#chunk) {
      this.#walks = new Map()
      this.#chunk = chunk
    }
    if (!this.#walks.has(retention)) {
      const seed = orMissing(() => this.#seeds.find(chunk, retention))
      this.#walks.set(retention, seed === undefined ? undefined : new GgmWalk(seed))
    }
    return this.#walks.get(retention)
  }

  /** A subject key by its id, 16 bytes in latin1. */
  key(id: string): Digest | undefined {
    const known = this.#keys.get(id)
    if (known !== undefined || this.#keys.has(id)) return known
    const key = orMissing(() => this.#vault.find(Buffer.from(id, 'latin1'))?.toString('latin1'))
    if (this.#keys.size >= MOST_KEYS) this.#keys.clear()
    this.#keys.set(id, key)
    return key
  }

  close(): void {
    this.#vault.close()
  }
}

/** A secret that is damaged can be used no more than one that is not there. */
function orMissing<T>(find: () => T | undefined): T | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}
