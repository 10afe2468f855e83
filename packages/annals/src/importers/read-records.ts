import { ElementScanner } from './reading/elements.ts'
import { type Exact, parseExact } from './reading/exact-json.ts'
import { beginsDocument } from './reading/layout.ts'
import { joined, type Line, splitLines } from './reading/lines.ts'

/** What one place of the input holds: a record, or the reason why none could be read there. */
export type ReadRecord =
  | {
      /** Line on which the record begins, from 1. */
      readonly line: number
      readonly record: unknown
      /** Size of its JSON text in bytes. */
      readonly bytes: number
      /** JSON pointers of numbers that a double cannot hold and that are strings here, digit for digit. */
      readonly textNumbers?: readonly string[]
    }
  | { readonly line: number; readonly reason: string }

/** Options of {@link readRecords}. */
export interface ReadRecordsOptions {
  /** Members of a JSON document that hold an array of records. @defaultValue none */
  readonly envelopes?: readonly string[] | undefined
  /** Longest JSON text of one record, in bytes; a longer one is rejected. @defaultValue 8388608 */
  readonly maxRecordBytes?: number | undefined
}

const LF = 10
const BOM = [0xef, 0xbb, 0xbf]

/**
 * Reads JSON records from a byte stream in constant memory: one record and one chunk, however large the input.
 *
 * It takes NDJSON (one value a line; blank lines, CRLF, a byte order mark and a last line without line break are fine), and
 * JSON documents, pretty-printed or on one line: an array of records, an object that has them under an envelope member, or one
 * object that is the record. The first line decides: when it is JSON by itself, the input is read line by line, else as a
 * document. On a line, too, an array or an envelope stands for its elements. A number that a double cannot hold stays exact, as
 * a string. Compressed input must be decompressed before.
 *
 * What cannot be read (no JSON, no UTF-8, too long, ended early) is one reject with its line; the rest arrives.
 *
 * @throws TypeError when `maxRecordBytes` is no positive integer
 * @example
 * ```ts
 * for await (const found of readRecords(createReadStream('trail.json'), { envelopes: ['Records'] })) {
 *   if ('reason' in found) console.error(`line ${found.line}: ${found.reason}`)
 *   else console.log(found.record)
 * }
 * ```
 */
export function readRecords(
  input: AsyncIterable<Uint8Array>,
  options: ReadRecordsOptions = {},
): AsyncIterableIterator<ReadRecord> {
  const maxBytes = options.maxRecordBytes ?? 8 * 1024 * 1024
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw new TypeError(`maxRecordBytes: must be a positive integer, got ${maxBytes}`)
  return read(input, options.envelopes ?? [], maxBytes)
}

async function* read(
  input: AsyncIterable<Uint8Array>,
  envelopes: readonly string[],
  maxBytes: number,
): AsyncGenerator<ReadRecord, void, undefined> {
  const source = input[Symbol.asyncIterator]()
  try {
    const start = await readStart(source, envelopes, maxBytes)
    const all = chain(start.bytes, source)
    if (start.isDocument) yield* readDocument(all, envelopes, maxBytes, start.line)
    else yield* readLines(all, envelopes, maxBytes, start.line)
  } finally {
    await source.return?.()
  }
}

async function* readLines(
  input: AsyncIterable<Uint8Array>,
  envelopes: readonly string[],
  maxBytes: number,
  firstLine: number,
): AsyncGenerator<ReadRecord, void, undefined> {
  for await (const line of splitLines(input, maxBytes, firstLine)) yield* recordsOf(line, envelopes, maxBytes)
}

async function* readDocument(
  input: AsyncIterable<Uint8Array>,
  envelopes: readonly string[],
  maxBytes: number,
  firstLine: number,
): AsyncGenerator<ReadRecord, void, undefined> {
  const scanner = new ElementScanner(envelopes, maxBytes, firstLine)
  for await (const chunk of input) {
    for (const element of scanner.feed(chunk)) yield* recordsOf(element, undefined, maxBytes)
  }
  for (const element of scanner.end()) {
    const rest =
      element.open === true && element.bytes !== undefined ? afterFirstLine(element.bytes) : undefined
    if (rest === undefined) yield* recordsOf(element, undefined, maxBytes)
    else {
      // An object that never ends: a damaged first line, and records after it.
      yield { line: element.line, reason: 'not JSON: the value does not end' }
      yield* readLines(once(rest), envelopes, maxBytes, element.line + 1)
    }
  }
  if (scanner.isInside)
    yield { line: scanner.line, reason: 'the document ends before its array of records does' }
}

/** What a line or, without `envelopes`, an element stands for. */
function* recordsOf(
  line: Line,
  envelopes: readonly string[] | undefined,
  maxBytes: number,
): Generator<ReadRecord, void, undefined> {
  if (line.bytes === undefined) {
    yield { line: line.line, reason: `longer than ${maxBytes} bytes` }
    return
  }
  const parsed = parse(line.bytes)
  if (parsed === undefined) return
  if (typeof parsed === 'string') {
    yield { line: line.line, reason: parsed }
    return
  }
  const elements = envelopes === undefined ? undefined : elementsOf(parsed.value, envelopes)
  if (elements === undefined) {
    const { value: record, textNumbers } = parsed
    const found = { line: line.line, record, bytes: line.bytes.length }
    yield textNumbers.length === 0 ? found : { ...found, textNumbers }
    return
  }
  for (const [index, record] of elements.values.entries()) {
    const prefix = `${elements.path}/${index}/`
    const textNumbers = parsed.textNumbers
      .filter(path => path.startsWith(prefix))
      .map(path => path.slice(prefix.length - 1))
    const found = { line: line.line, record, bytes: Math.ceil(line.bytes.length / elements.values.length) }
    yield textNumbers.length === 0 ? found : { ...found, textNumbers }
  }
}

/** The parsed text; undefined for a blank one; a reason when it is none. */
function parse(bytes: Uint8Array): Exact | string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return 'not UTF-8'
  }
  if (text.trim() === '') return undefined
  try {
    return parseExact(text)
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function elementsOf(
  value: unknown,
  envelopes: readonly string[],
): { path: string; values: readonly unknown[] } | undefined {
  if (Array.isArray(value)) return { path: '', values: value }
  if (typeof value !== 'object' || value === null) return undefined
  for (const envelope of envelopes) {
    const values: unknown = Object.hasOwn(value, envelope)
      ? (value as Record<string, unknown>)[envelope]
      : undefined
    if (Array.isArray(values)) return { path: `/${envelope}`, values }
  }
  return undefined
}

interface Start {
  readonly bytes: Uint8Array
  /** Line on which `bytes` begins. */
  readonly line: number
  readonly isDocument: boolean
}

/** Reads the first line that is not blank, and as far as it takes to decide by it. */
async function readStart(
  source: AsyncIterator<Uint8Array>,
  envelopes: readonly string[],
  maxBytes: number,
): Promise<Start> {
  let bytes: Uint8Array = new Uint8Array()
  let line = 1
  let marked = false
  for (let done = false; !done; ) {
    const next = await source.next()
    done = next.done === true
    // Always a copy, because a producer may reuse its buffer for the next chunk.
    if (next.done !== true) bytes = joined([bytes], next.value)
    if (!marked && (bytes.length >= BOM.length || done)) {
      if (BOM.every((byte, at) => bytes[at] === byte)) bytes = bytes.subarray(BOM.length)
      marked = true
    }
    if (!marked) continue
    for (let end = bytes.indexOf(LF); end >= 0 && isBlank(bytes.subarray(0, end)); end = bytes.indexOf(LF)) {
      bytes = bytes.subarray(end + 1)
      line += 1
    }
    const end = bytes.indexOf(LF)
    // A first line that is too long to be tried: the scanner reads documents of one line, and ends a record with its line.
    if (end < 0 && bytes.length > maxBytes) return { bytes, line, isDocument: true }
    if (end < 0 && !done) continue
    const first = end < 0 ? bytes : bytes.subarray(0, end)
    if (typeof parse(first) !== 'string') return { bytes, line, isDocument: false }
    const after =
      end < 0
        ? ''
        : new TextDecoder()
            .decode(bytes.subarray(end, end + 4096))
            .trim()
            .charAt(0)
    if (after === '' && !done) continue
    return { bytes, line, isDocument: beginsDocument(new TextDecoder().decode(first), after, envelopes) }
  }
  return { bytes, line, isDocument: false }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 32 || byte === 13 || byte === 9)
}

function afterFirstLine(bytes: Uint8Array): Uint8Array | undefined {
  const end = bytes.indexOf(LF)
  return end < 0 ? undefined : bytes.subarray(end + 1)
}

async function* chain(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}
