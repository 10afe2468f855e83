// C2SP tlog-witness, the bodies of the add-checkpoint call.
import { decodeBase64, toBase64 } from './base64.ts'
import { requireBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import { type Hash, isHash } from './hash.ts'
import { MAX_NOTE_SIZE, type NoteSignature, parseNote, signatureLines } from './note.ts'
import { MAX_PROOF_HASHES } from './proof-path.ts'
import { parseSize, requireSize } from './size.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** What a log asks a witness: to cosign a checkpoint that extends the one the witness knows. */
export interface AddCheckpoint {
  /** Size of the checkpoint that the witness cosigned last; 0 when it has cosigned none. */
  readonly oldSize: number
  /** Consistency proof from there to the checkpoint; empty when `oldSize` is 0. */
  readonly proof: readonly Hash[]
  /** The signed checkpoint. */
  readonly checkpoint: Uint8Array
}

/** The most bytes of a request body: the longest proof, and a note. */
export const MAX_ADD_CHECKPOINT: number = MAX_NOTE_SIZE + 64 * 46

/**
 * The body of an add-checkpoint request.
 *
 * @throws TlogError E_PROOF_FORMAT for more than 63 hashes; RangeError for the size
 * @example
 * await fetch(`${witness}/add-checkpoint`, { method: 'POST', body: formatAddCheckpoint(request) })
 */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array {
  requireSize(oldSize, 'oldSize')
  if (!proof.every(isHash)) throw new TypeError('a proof consists of hashes of 32 bytes')
  if (proof.length > MAX_PROOF_HASHES) throw malformed('too many hashes')
  const note = decodeUtf8(checkpoint)
  if (note === undefined) throw malformed('the checkpoint is not UTF-8')
  return encodeUtf8(`old ${oldSize}\n${proof.map(hash => `${toBase64(hash)}\n`).join('')}\n${note}`)
}

/**
 * Takes the body of an add-checkpoint request apart. It verifies nothing.
 *
 * @throws TlogError E_PROOF_FORMAT
 * @example
 * const { oldSize, proof, checkpoint } = parseAddCheckpoint(body)
 */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  requireBytes(body, 'body')
  if (body.length > MAX_ADD_CHECKPOINT) throw malformed('the body is too long')
  const text = decodeUtf8(body)
  const end = text?.indexOf('\n\n') ?? -1
  if (text === undefined || end < 0) throw malformed('no blank line before the checkpoint')
  const [first = '', ...lines] = text.slice(0, end).split('\n')
  const oldSize = first.startsWith('old ') ? parseSize(first.slice(4)) : undefined
  if (oldSize === undefined) throw malformed('no line with the old size')
  if (lines.length > MAX_PROOF_HASHES) throw malformed('too many hashes')
  const proof = lines.map(line => {
    const hash = decodeBase64(line)
    if (!isHash(hash)) throw malformed('a line of the consistency proof is not a hash')
    return hash
  })
  return { oldSize, proof, checkpoint: encodeUtf8(text.slice(end + 2)) }
}

/**
 * Signature lines as a witness answers with them.
 *
 * @throws TlogError E_NOTE_FORMAT for a bad name or number
 * @example
 * response.end(formatSignatures([{ name, keyId, signature }]))
 */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatureLines(signatures)
}

/**
 * Takes the signature lines of a witness's answer apart. It verifies nothing.
 *
 * @throws TlogError E_NOTE_FORMAT
 * @example
 * const cosignatures = parseSignatures(await response.text())
 */
export function parseSignatures(lines: string): readonly NoteSignature[] {
  // A note is a text and such lines: whatever text there is, they are read the same way.
  return parseNote(encodeUtf8(`-\n\n${lines}`)).signatures
}

function malformed(what: string): TlogError {
  return new TlogError('E_PROOF_FORMAT', what)
}
