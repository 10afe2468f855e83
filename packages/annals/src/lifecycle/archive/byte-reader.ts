/** Reads a stream of bytes piece by piece, holding no more than it is asked for and one piece of the stream. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)
  #at = 0
  #ended = false

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#pieces = bytes[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes, a view that is good until the next call; undefined at the end. @throws RangeError in between */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#held.length - this.#at < count && !this.#ended) await this.#more()
    const left = this.#held.length - this.#at
    if (left < count) {
      if (left === 0) return undefined
      throw new RangeError('the stream is cut short')
    }
    const bytes = this.#held.subarray(this.#at, this.#at + count)
    this.#at += count
    return bytes
  }

  /** Exactly so many bytes. @throws RangeError when there are fewer */
  async need(count: number): Promise<Buffer> {
    const bytes = count === 0 ? Buffer.alloc(0) : await this.take(count)
    if (bytes === undefined) throw new RangeError('the stream is cut short')
    return bytes
  }

  /** Lets go of the stream, wherever it is. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#pieces.next()
    if (done === true) {
      this.#ended = true
      return
    }
    const rest = this.#held.subarray(this.#at)
    this.#held =
      rest.length === 0
        ? Buffer.from(value.buffer, value.byteOffset, value.length)
        : Buffer.concat([rest, value])
    this.#at = 0
  }
}
