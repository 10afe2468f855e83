import { joined, type Line } from './lines.ts'

/** What the scanner found: the bytes of one record, or that a record was too long to keep. */
export type Element = Line & {
  /** The value is a whole top-level object that ended too early or was not understood: its lines may be records. */
  readonly open?: true
}

const LF = 10
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const MAX_OPEN = 100_000

/**
 * Finds the records of a JSON document by its brackets, without parsing it: the elements of a top-level array, those of an
 * array that a top-level object has under one of `envelopes`, or the object itself when it has none. Values may follow each
 * other. `feed` and `end` return what is complete. Memory: one record, bounded by `maxBytes`. Elements may be damaged: the
 * caller parses each. A line break ends a string, which JSON forbids, so that a damaged element cannot swallow what follows.
 *
 * @example
 * ```ts
 * const scanner = new ElementScanner(['Records'], 1024)
 * scanner.feed(new TextEncoder().encode('{"Records":[{"a":1},{"a":2}]}')).length // 2
 * ```
 */
export class ElementScanner {
  readonly #envelopes: ReadonlySet<string>
  readonly #maxBytes: number
  #line: number
  /** Open brackets, and how many of them enclose the elements being read: 0, 1 (array) or 2 (envelope). */
  readonly #open: number[] = []
  #base = 0
  #inString = false
  #escaped = false
  /** A value is being captured, from this line. */
  #capturing = false
  #startLine = 0
  #held: Uint8Array[] = []
  #length = 0
  /** Text of the latest string directly inside a top-level object, and whether a colon made it the current key. */
  #text: number[] = []
  #key: string | undefined

  constructor(envelopes: readonly string[], maxBytes: number, firstLine = 1) {
    this.#envelopes = new Set(envelopes)
    this.#maxBytes = maxBytes
    this.#line = firstLine
  }

  /** Reads a chunk; the elements that became complete, in order. */
  feed(chunk: Uint8Array): Element[] {
    const found: Element[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      if (byte === LF) {
        this.#inString = false
        this.#escaped = false
        const tooLong = this.#capturing && this.#length + at - from > this.#maxBytes
        if (tooLong && this.#startLine === this.#line && this.#open.length > this.#base) {
          // Too long before its first line break: a record of one line, so what it leaves open is damage.
          found.push(this.#finish(chunk.subarray(from, at)))
          this.#open.length = this.#base
        }
        this.#line += 1
      }
      if (this.#inString) {
        this.#string(byte)
        continue
      }
      if (!this.#capturing) {
        if (isBlank(byte) || byte === COMMA) continue
        if (this.#open.length === this.#base && this.#opensContainer(byte)) continue
        if (
          this.#open.length > 0 &&
          this.#open.length === this.#base &&
          (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
        ) {
          // The end of an array of records. What an envelope has besides is no record, and is passed over.
          this.#open.pop()
          this.#base = 0
          this.#key = undefined
          continue
        }
        if (this.#open.length === this.#base) {
          this.#capturing = true
          this.#startLine = this.#line
          from = at
        }
      } else if (
        this.#open.length === this.#base &&
        (isBlank(byte) || byte === COMMA || byte === CLOSE_ARRAY)
      ) {
        // A number, a word or a string ends where something else begins.
        found.push(this.#finish(chunk.subarray(from, at)))
        if (byte === CLOSE_ARRAY) at -= 1
        continue
      }
      if (this.#structure(byte)) {
        from = at + 1
        continue
      }
      if (
        this.#capturing &&
        this.#open.length === this.#base &&
        (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)
      ) {
        found.push(this.#finish(chunk.subarray(from, at + 1)))
      }
    }
    if (this.#capturing) this.#hold(chunk.slice(from))
    return found
  }

  /** What is left when the input ends: an element without its end. */
  end(): Element[] {
    if (!this.#capturing) return []
    const open = this.#base === 0 && this.#open.length > 0
    const last = this.#finish(new Uint8Array())
    return [open ? { ...last, open: true } : last]
  }

  /** Line that is being read. */
  get line(): number {
    return this.#line
  }

  /** Whether the input ended inside the array or object around the records. */
  get isInside(): boolean {
    return this.#base > 0
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#inString = false
    if (this.#inString && this.#atMember() && this.#text.length < 64) this.#text.push(byte)
  }

  /** Directly inside a top-level object, where a string may be the name of an envelope. */
  #atMember(): boolean {
    return this.#base === 0 && this.#open.length === 1
  }

  #opensContainer(byte: number): boolean {
    if (byte !== OPEN_ARRAY || this.#base !== 0) return false
    this.#base = this.#open.push(byte)
    return true
  }

  /** Follows brackets, strings and keys; true when an envelope's array has just been entered. */
  #structure(byte: number): boolean {
    if (byte === QUOTE) {
      this.#inString = true
      this.#text = []
    } else if (byte === COLON) {
      if (this.#atMember()) this.#key = String.fromCharCode(...this.#text)
    } else if (byte === COMMA) {
      if (this.#atMember()) this.#key = undefined
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const enters =
        byte === OPEN_ARRAY && this.#atMember() && this.#key !== undefined && this.#envelopes.has(this.#key)
      // No record nests so deeply; without a bound, hostile input would fill the memory with open brackets.
      if (this.#open.length < MAX_OPEN) this.#open.push(byte)
      if (enters) {
        this.#base = this.#open.length
        this.#drop()
        return true
      }
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      // A bracket closes what it belongs to, and what was left open inside of that.
      const match = this.#open.lastIndexOf(byte === CLOSE_OBJECT ? OPEN_OBJECT : OPEN_ARRAY)
      if (match >= this.#base) this.#open.length = match
      else if (this.#base > 0 && byte === CLOSE_ARRAY) this.#open.length = this.#base
    }
    return false
  }

  #hold(bytes: Uint8Array): void {
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) this.#held = []
    else this.#held.push(bytes)
  }

  #finish(last: Uint8Array): Element {
    const tooLong = this.#length + last.length > this.#maxBytes
    const element = { line: this.#startLine, bytes: tooLong ? undefined : joined(this.#held, last) }
    this.#drop()
    return element as Element
  }

  #drop(): void {
    this.#capturing = false
    this.#held = []
    this.#length = 0
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === LF || byte === 13 || byte === 9
}
