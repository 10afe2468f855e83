// C2SP tlog-proof@v1.
import { decodeBase64, toBase64 } from './base64.ts'
import { requireBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { type Hash, isHash } from './hash.ts'
import { MAX_NOTE_SIZE } from './note.ts'
import { MAX_PROOF_HASHES } from './proof-path.ts'
import { MAX_SIZE, parseSize, requireIndex } from './size.ts'
import { decodeUtf8 } from './utf8.ts'

/** The most characters of a proof text, extra data and checkpoint included: 8 Mi. */
export const MAX_PROOF_TEXT: number = 8 * 1024 * 1024

/** A proof that a leaf is in a log, complete in itself. */
export interface TlogProof {
  /** Opaque data that travels with the proof. Nothing authenticates it. */
  readonly extra?: Uint8Array | undefined
  /** Position of the leaf. */
  readonly index: number
  /** Inclusion proof, from the leaf's sibling up. */
  readonly hashes: readonly Hash[]
  /** The signed checkpoint, verbatim: its text, or its UTF-8 bytes. */
  readonly checkpoint: string | Uint8Array
}

/** A proof text taken apart. */
export interface ParsedTlogProof extends TlogProof {
  readonly checkpoint: string
}

const header = 'c2sp.org/tlog-proof@v1'

/**
 * The text of a proof. Empty extra data is left out like absent one.
 *
 * @throws TlogError E_PROOF_FORMAT for too many hashes or a checkpoint that is not UTF-8, or too long a text
 * @example
 * const text = formatProof({ index: 42, hashes: await proveInclusion(sha, size, 42, reader), checkpoint })
 */
export function formatProof(proof: TlogProof): string {
  const { extra, index, hashes, checkpoint } = proof
  requireIndex(index, 'index')
  if (!hashes.every(isHash)) throw new TypeError('a proof consists of hashes of 32 bytes')
  if (hashes.length > MAX_PROOF_HASHES) throw malformed('too many hashes')
  const note = typeof checkpoint === 'string' ? checkpoint : decodeUtf8(checkpoint)
  if (note === undefined || !note.isWellFormed()) throw malformed('the checkpoint is not UTF-8')
  if (note.length === 0 || note.length > MAX_NOTE_SIZE) throw malformed('no checkpoint, or one too long')
  const extraLine = extra === undefined || extra.length === 0 ? '' : `extra ${toBase64(extra)}\n`
  const hashLines = hashes.map(hash => `${toBase64(hash)}\n`).join('')
  const text = `${header}\n${extraLine}index ${index}\n${hashLines}\n${note}`
  if (text.length > MAX_PROOF_TEXT) throw malformed('the text is too long')
  return text
}

/**
 * Takes a proof text apart. It verifies nothing: see `checkProof`. Law: `formatProof` of the result gives the same
 * text.
 *
 * @throws TlogError E_PROOF_FORMAT
 * @example
 * const { index, extra } = parseProof(text)
 */
export function parseProof(text: string | Uint8Array): ParsedTlogProof {
  if (typeof text !== 'string') requireBytes(text, 'text')
  if (text.length > MAX_PROOF_TEXT) throw malformed('the text is too long')
  const whole = typeof text === 'string' ? text : decodeUtf8(text)
  if (whole === undefined || !whole.isWellFormed()) throw malformed('not UTF-8')
  const end = whole.indexOf('\n\n')
  if (end < 0) throw malformed('no blank line before the checkpoint')
  const [first, ...lines] = whole.slice(0, end).split('\n')
  if (first !== header) throw malformed(`the first line is not ${header}`)
  const extra = lines[0]?.startsWith('extra ') === true ? parseExtra(lines.shift() ?? '') : undefined
  const index = parseIndex(lines.shift() ?? '')
  if (lines.length > MAX_PROOF_HASHES) throw malformed('too many hashes')
  const hashes = lines.map(parseHashLine)
  const checkpoint = whole.slice(end + 2)
  if (checkpoint === '' || checkpoint.length > MAX_NOTE_SIZE)
    throw malformed('no checkpoint, or one too long')
  return { ...(extra === undefined ? {} : { extra }), index, hashes, checkpoint }
}

function parseExtra(line: string): Uint8Array {
  const extra = decodeBase64(line.slice('extra '.length))
  if (extra === undefined || extra.length === 0) throw malformed('the extra line is not base64 of some bytes')
  return extra
}

function parseIndex(line: string): number {
  const index = line.startsWith('index ') ? parseSize(line.slice('index '.length)) : undefined
  if (index === undefined || index === MAX_SIZE) throw malformed('no index line')
  return index
}

function parseHashLine(line: string): Hash {
  const hash = decodeBase64(line)
  if (!isHash(hash)) throw malformed('a line of the inclusion proof is not a hash')
  return hash
}

function malformed(what: string): TlogError {
  return new TlogError('E_PROOF_FORMAT', what)
}
