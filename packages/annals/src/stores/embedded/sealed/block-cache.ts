import type { DecodedBlock } from './decode-block.ts'

/** Most bytes of decoded blocks that a thread keeps. */
const MOST_BYTES = 8 * 1024 * 1024

/** The blocks that were decoded last, of all sealed segments that a thread has open. */
export class BlockCache {
  /** Least recently used first. */
  readonly #blocks = new Map<string, DecodedBlock>()
  #bytes = 0

  get(file: number, block: number): DecodedBlock | undefined {
    const name = `${file}/${block}`
    const found = this.#blocks.get(name)
    if (found !== undefined) {
      this.#blocks.delete(name)
      this.#blocks.set(name, found)
    }
    return found
  }

  put(file: number, block: number, decoded: DecodedBlock): void {
    this.#blocks.set(`${file}/${block}`, decoded)
    this.#bytes += decoded.bytes.length
    for (const name of this.#blocks.keys()) {
      if (this.#bytes <= MOST_BYTES || this.#blocks.size === 1) break
      this.#remove(name)
    }
  }

  /** Forgets what was decoded from a file. */
  forget(file: number): void {
    for (const name of [...this.#blocks.keys()]) if (name.startsWith(`${file}/`)) this.#remove(name)
  }

  #remove(name: string): void {
    this.#bytes -= this.#blocks.get(name)?.bytes.length ?? 0
    this.#blocks.delete(name)
  }
}
