import { HttpError } from '../http/problem.ts'

/** Why a body is read no further although the client goes on. */
export type BodyEnd = 'stopping' | 'expired' | 'revoked' | 'idle'

/** What comes next of a body. */
export type Arrival =
  | { readonly kind: 'chunk'; readonly bytes: Buffer }
  /** The client has sent everything. */
  | { readonly kind: 'whole' }
  /** The connection broke; what came last may be half a line. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'ended'; readonly reason: BodyEnd }

/** Reads a body chunk by chunk, only when asked, so that a client is slowed down; and can be ended from outside. */
export class BodyReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #idleMs: number
  #ended: BodyEnd | undefined
  #wake: ((arrival: Arrival) => void) | undefined

  /** @param idleMs longest wait for the next chunk, milliseconds */
  constructor(body: AsyncIterable<Uint8Array>, idleMs: number) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#idleMs = idleMs
  }

  /** The next arrival; never rejects. One call at a time. */
  next(): Promise<Arrival> {
    return new Promise(resolve => {
      if (this.#ended !== undefined) {
        resolve({ kind: 'ended', reason: this.#ended })
        return
      }
      const timer = setTimeout(() => this.end('idle'), this.#idleMs)
      const settle = (arrival: Arrival): void => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve(arrival)
      }
      this.#wake = settle
      this.#chunks.next().then(
        ({ done, value }) =>
          settle(done === true ? { kind: 'whole' } : { kind: 'chunk', bytes: toBuffer(value) }),
        () => settle({ kind: 'broken' }),
      )
    })
  }

  /** Reads no further; the first reason counts. */
  end(reason: BodyEnd): void {
    this.#ended ??= reason
    this.#wake?.({ kind: 'ended', reason: this.#ended })
  }

  /** Lets go of the body. */
  close(): void {
    this.#chunks.return?.()?.catch(() => {})
  }
}

/**
 * A whole body.
 *
 * @throws HttpError 413 beyond the limit in bytes
 */
export async function readWhole(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    length += piece.length
    if (length > limit)
      throw new HttpError(413, 'ANNALS_LIMIT', `The body is larger than ${limit} bytes.`, {
        hint: 'Send less at a time, or application/x-ndjson, which has no limit.',
      })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
