import { createHash } from 'node:crypto'

/** Where the bytes of an object go. */
export interface ObjectSink {
  write(bytes: Buffer): void | Promise<void>
  end(): void | Promise<void>
}

/** An object that has been written. */
export interface WrittenObject {
  readonly name: string
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
}

/** Bytes that go to an object at a time. */
const GATHERED = 256 * 1024

/** Gathers small writes, and counts and hashes what goes to an object. */
export class HashedObject {
  readonly #name: string
  readonly #sink: ObjectSink
  readonly #hash = createHash('sha256')
  #bytes = 0
  #waiting: Buffer[] = []
  #length = 0

  constructor(name: string, sink: ObjectSink) {
    this.#name = name
    this.#sink = sink
  }

  async write(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes)
    this.#length += bytes.length
    if (this.#length >= GATHERED) await this.#flush()
  }

  async end(): Promise<WrittenObject> {
    await this.#flush()
    await this.#sink.end()
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('base64url') }
  }

  async #flush(): Promise<void> {
    if (this.#length === 0) return
    const bytes = Buffer.concat(this.#waiting, this.#length)
    this.#waiting = []
    this.#length = 0
    this.#bytes += bytes.length
    this.#hash.update(bytes)
    await this.#sink.write(bytes)
  }
}
