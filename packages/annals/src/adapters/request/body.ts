import { isUtf8 } from 'node:buffer'

/** Pieces of a body as they pass, up to a bound: beyond it nothing is kept, since a secret that is cut is not found. */
export class KeptBody {
  readonly #most: number
  #pieces: Uint8Array[] = []
  #bytes = 0

  /** @param most bytes that are kept */
  constructor(most: number) {
    this.#most = most
  }

  /** Bytes that have passed. */
  get bytes(): number {
    return this.#bytes
  }

  get overflowed(): boolean {
    return this.#bytes > this.#most
  }

  /** @param piece is not changed and not copied */
  add(piece: Uint8Array): void {
    this.#bytes += piece.length
    if (this.overflowed) this.#pieces = []
    else this.#pieces.push(piece)
  }

  /** What is kept of it in an event; undefined of no body. */
  content(type: string | undefined): unknown {
    if (this.#bytes === 0) return undefined
    const media = type?.split(';', 1)[0]?.trim().toLowerCase()
    if (this.overflowed) return omitted(this.#bytes, media, `longer than ${this.#most} bytes`)
    const bytes = Buffer.concat(this.#pieces)
    if (!isUtf8(bytes)) return omitted(this.#bytes, media, 'no text')
    const text = bytes.toString()
    return media === undefined || /[/+]json$/.test(media) ? (parsed(text) ?? text) : text
  }
}

/** A body that was parsed by others: as JSON says it, and no longer than is kept. */
export function parsedContent(body: unknown, most: number): unknown {
  if (body === undefined || body === null || most === 0) return undefined
  if (body instanceof Uint8Array) {
    const kept = new KeptBody(most)
    kept.add(body)
    return kept.content(undefined)
  }
  let text: string | undefined
  try {
    text = JSON.stringify(body)
  } catch {
    return omitted(undefined, undefined, 'no JSON')
  }
  if (text === undefined) return undefined
  const bytes = Buffer.byteLength(text)
  return bytes > most ? omitted(bytes, undefined, `longer than ${most} bytes`) : JSON.parse(text)
}

function omitted(bytes: number | undefined, type: string | undefined, reason: string): object {
  return {
    omitted: reason,
    ...(bytes === undefined ? {} : { bytes }),
    ...(type === undefined ? {} : { type }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
