import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** An object of an archive that cannot be read. */
export class UnreadableObject extends Error {
  override readonly name = 'UnreadableObject'
}

/** What an object turned out to be once it was read to its end. */
export interface ReadObject {
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
}

/**
 * The bytes of an object as they come, hashed on the way and decompressed where asked. Whoever reads looks whether enough is
 * there, which costs no promise, and has more fetched when not.
 */
export class ObjectFeed {
  /** Bytes that are there; read from `at` on. */
  held: Buffer = Buffer.alloc(0)
  at = 0
  readonly #hash = createHash('sha256')
  readonly #pieces: AsyncIterator<Uint8Array>
  #bytes = 0
  #inflated = 0
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, form: 'plain' | 'gzip' = 'plain') {
    const raw = this.#raw(source)
    this.#pieces = form === 'plain' ? raw : this.#gunzip(raw)
  }

  /** Whether so many bytes are there. */
  has(count: number): boolean {
    return this.held.length - this.at >= count
  }

  /** Fetches more; false at the end. @throws UnreadableObject, RangeError for a damaged stream */
  async fill(): Promise<boolean> {
    if (this.#ended) return false
    const { value, done } = await this.#pieces.next()
    if (done === true) {
      this.#ended = true
      return false
    }
    const piece = Buffer.from(value.buffer, value.byteOffset, value.length)
    this.held = this.at === this.held.length ? piece : Buffer.concat([this.held.subarray(this.at), piece])
    this.at = 0
    return true
  }

  /** Reads what is left; answers with how much that was, and what the object is as a whole. */
  async finish(): Promise<ReadObject & { readonly left: number }> {
    let left = this.held.length - this.at
    while (await this.fill()) left += this.held.length
    return { left, bytes: this.#bytes, sha256: this.#hash.digest('base64url') }
  }

  /** Lets go of the object. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async *#raw(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of source) {
        this.#hash.update(piece)
        this.#bytes += piece.length
        yield piece
      }
    } catch (cause) {
      throw new UnreadableObject(cause instanceof Error ? cause.message : String(cause), { cause })
    }
  }

  async *#gunzip(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    const gunzip = createGunzip({ chunkSize: 256 * 1024 })
    let failure: Error | undefined
    pipeline(Readable.from(raw, { objectMode: false }), gunzip, error => {
      failure = error ?? undefined
    })
    try {
      for await (const piece of gunzip) {
        this.#inflated += (piece as Buffer).length
        yield piece as Buffer
      }
    } catch (error) {
      if (error instanceof UnreadableObject) throw error
      if (failure instanceof UnreadableObject) throw failure
      throw new RangeError('the compressed entries are damaged', { cause: error })
    }
    // zlib leaves what follows the stream and is none.
    if (gunzip.bytesWritten !== this.#bytes) throw new RangeError('bytes follow the compressed entries')
  }
}
