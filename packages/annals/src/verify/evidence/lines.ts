import { createHash } from 'node:crypto'
import type { ListedFile } from './manifest.ts'

/** Most bytes of a line: an entry of 64 KiB and parts of 8 MiB, with room for escapes. */
const MOST = 16 * 1024 * 1024

/** Reads the lines of a file one at a time, and hashes it on the way. */
export class Lines {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #hash = createHash('sha256')
  #rest: Buffer = Buffer.alloc(0)
  #at = 0
  #bytes = 0
  #ended = false
  /** The file ends within a line, or has a line that is too long to be one. */
  cut = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next line without its end; undefined after the last. */
  async next(): Promise<Buffer | undefined> {
    for (let searched = this.#at; ; ) {
      const end = this.#rest.indexOf(10, searched)
      if (end >= 0) {
        const line = this.#rest.subarray(this.#at, end)
        this.#at = end + 1
        return line
      }
      if (this.#ended || this.#rest.length - this.#at > MOST) {
        if (this.#at < this.#rest.length) this.cut = true
        await this.#drain()
        return undefined
      }
      const searchedBytes = this.#rest.length - this.#at
      await this.#more()
      searched = this.#at + searchedBytes
    }
  }

  /** Reads on to the end and answers what the file is. */
  async end(): Promise<ListedFile> {
    await this.#drain()
    return { bytes: this.#bytes, sha256: this.#hash.digest('base64url') }
  }

  async #more(): Promise<void> {
    const chunk = await this.#take()
    if (chunk === undefined) return
    this.#rest = Buffer.concat([this.#rest.subarray(this.#at), chunk])
    this.#at = 0
  }

  async #drain(): Promise<void> {
    while ((await this.#take()) !== undefined);
    this.#rest = Buffer.alloc(0)
    this.#at = 0
  }

  async #take(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined
    const { done, value } = await this.#chunks.next()
    if (done === true) {
      this.#ended = true
      return undefined
    }
    this.#hash.update(value)
    this.#bytes += value.length
    return value
  }
}
