import { isAscii, isUtf8 } from 'node:buffer'

/** A line of NDJSON, or why it cannot be read. */
export type Line = string | { readonly fault: 'too long' | 'not UTF-8' }

const LF = 10
const BOM = '\ufeff'

/**
 * Splits bytes at line feeds, chunk by chunk. Blank lines are left out; a carriage return stays, it is white space of JSON. A line
 * that is longer than the bound costs no memory beyond it. Memory: one chunk and one line.
 *
 * @example
 * ```ts
 * const lines = new LineSplitter(1024)
 * lines.push(Buffer.from('{"a":1}\n{"b"')) // ['{"a":1}']
 * lines.end()                              // ['{"b"']
 * ```
 */
export class LineSplitter {
  readonly #maxBytes: number
  #held: Buffer[] = []
  /** Bytes of the line that has begun, also those that were not kept. */
  #length = 0
  #isFirst = true

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in this chunk. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    const first = chunk.indexOf(LF)
    if (first < 0) {
      this.#hold(chunk)
      return lines
    }
    this.#hold(chunk.subarray(0, first))
    this.#finish(lines)
    const last = chunk.lastIndexOf(LF)
    if (last > first) this.#split(chunk.subarray(first + 1, last), lines)
    this.#hold(chunk.subarray(last + 1))
    return lines
  }

  /** The last line, when the input ends without a line feed. */
  end(): Line[] {
    const lines: Line[] = []
    if (this.#length > 0) this.#finish(lines)
    return lines
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) this.#held = []
    // A copy, so that a short rest does not keep its whole chunk.
    else this.#held.push(Buffer.from(bytes))
  }

  #finish(lines: Line[]): void {
    if (this.#length > this.#maxBytes) lines.push({ fault: 'too long' })
    else this.#take(this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held), lines)
    this.#held = []
    this.#length = 0
  }

  /** Whole lines are decoded together: that costs once what it else costs for each. */
  #split(bytes: Buffer, lines: Line[]): void {
    const text = decode(bytes)
    if (text === undefined || bytes.length > this.#maxBytes) {
      for (let from = 0; from <= bytes.length; ) {
        const end = bytes.indexOf(LF, from)
        const to = end < 0 ? bytes.length : end
        if (to - from > this.#maxBytes) lines.push({ fault: 'too long' })
        else this.#take(bytes.subarray(from, to), lines)
        from = to + 1
      }
      return
    }
    for (let from = 0; from <= text.length; ) {
      const end = text.indexOf('\n', from)
      const to = end < 0 ? text.length : end
      this.#add(text.slice(from, to), lines)
      from = to + 1
    }
  }

  #take(bytes: Buffer, lines: Line[]): void {
    const text = decode(bytes)
    if (text === undefined) lines.push({ fault: 'not UTF-8' })
    else this.#add(text, lines)
  }

  #add(given: string, lines: Line[]): void {
    const line = this.#isFirst && given.startsWith(BOM) ? given.slice(BOM.length) : given
    this.#isFirst = false
    // Most lines begin with a brace; only others can be blank.
    if (line.charCodeAt(0) === 123 || line.trim() !== '') lines.push(line)
  }
}

function decode(bytes: Buffer): string | undefined {
  if (isAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
