// C2SP signed-note.
import { decodeBase64, toBase64 } from './base64.ts'
import { concatBytes, readU32, requireBytes, u32Bytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** The most bytes of a note, signatures included. */
export const MAX_NOTE_SIZE: number = 1_000_000

/** The most signatures of a note. */
export const MAX_NOTE_SIGNATURES: number = 100

/** One signature line of a note. */
export interface NoteSignature {
  /** Name of the key. */
  readonly name: string
  /** Short identifier of the key, an unsigned 32-bit number. Not a cryptographic hash: it only says which key to try. */
  readonly keyId: number
  /** The signature proper, without the key id; its form depends on the key's type. */
  readonly signature: Uint8Array
}

/** A note taken apart. Nothing is verified: the text means nothing yet. */
export interface ParsedNote {
  /** The signed text, its final newline included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

const signaturePrefix = '— '
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids these
const forbiddenInText = /[\u0000-\u0009\u000b-\u001f]/
const forbiddenInName = /[\p{White_Space}+]/u

/**
 * Takes a signed note apart. Law: `formatNote(text, signatures)` of the result gives the same bytes.
 *
 * @throws TlogError E_NOTE_FORMAT
 * @example
 * const { text, signatures } = parseNote(bytes)
 */
export function parseNote(bytes: Uint8Array): ParsedNote {
  requireBytes(bytes, 'bytes')
  if (bytes.length > MAX_NOTE_SIZE) throw malformed('more than 1,000,000 bytes')
  const note = decodeUtf8(bytes)
  if (note === undefined) throw malformed('not UTF-8')
  if (forbiddenInText.test(note)) throw malformed('a control character')
  const split = note.lastIndexOf('\n\n')
  if (split < 0) throw malformed('no blank line before the signatures')
  const lines = note.slice(split + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0)
    throw malformed('no signature lines, or the last is not ended')
  if (lines.length > MAX_NOTE_SIGNATURES) throw malformed('more than 100 signatures')
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) }
}

/**
 * The bytes of a signed note.
 *
 * @throws TlogError E_NOTE_FORMAT when text, names or numbers break the format or its limits
 * @example
 * const bytes = formatNote('hello\n', [{ name: 'example.com', keyId, signature }])
 */
export function formatNote(text: string, signatures: readonly NoteSignature[]): Uint8Array {
  requireNoteText(text)
  const bytes = encodeUtf8(`${text}\n${signatureLines(signatures)}`)
  if (bytes.length > MAX_NOTE_SIZE) throw malformed('more than 1,000,000 bytes')
  return bytes
}

/** The lines of 1 to 100 signatures. @throws TlogError E_NOTE_FORMAT */
export function signatureLines(signatures: readonly NoteSignature[]): string {
  if (signatures.length === 0) throw malformed('no signatures')
  if (signatures.length > MAX_NOTE_SIGNATURES) throw malformed('more than 100 signatures')
  return signatures.map(formatSignatureLine).join('')
}

/** Throws E_NOTE_FORMAT unless the text can be signed: well-formed, ending in a newline, no other control characters. */
export function requireNoteText(text: string): void {
  if (typeof text !== 'string') throw new TypeError('text must be a string')
  if (!text.endsWith('\n')) throw malformed('the text does not end in a newline')
  if (forbiddenInText.test(text)) throw malformed('a control character')
  if (!text.isWellFormed()) throw malformed('a lone surrogate')
}

/**
 * Whether a key may have this name: not empty, no Unicode white space, no plus sign, no control characters.
 *
 * @example
 * isKeyName('example.com/log') // true
 */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !forbiddenInName.test(name) && !forbiddenInText.test(name)
}

function parseSignatureLine(line: string): NoteSignature {
  if (!line.startsWith(signaturePrefix)) throw malformed('a signature line without its dash')
  const [name = '', encoded = '', ...more] = line.slice(signaturePrefix.length).split(' ')
  const bytes = decodeBase64(encoded)
  if (more.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw malformed('a malformed signature line')
  }
  return { name, keyId: readU32(bytes, 0), signature: bytes.slice(4) }
}

function formatSignatureLine(line: NoteSignature): string {
  if (!isKeyName(line.name)) throw malformed('not a key name')
  if (!Number.isInteger(line.keyId) || line.keyId < 0 || line.keyId >= 2 ** 32)
    throw malformed('not a key id')
  requireBytes(line.signature, 'signature')
  if (line.signature.length === 0) throw malformed('an empty signature')
  return `${signaturePrefix}${line.name} ${toBase64(concatBytes(u32Bytes(line.keyId), line.signature))}\n`
}

function malformed(what: string): TlogError {
  return new TlogError('E_NOTE_FORMAT', what)
}
