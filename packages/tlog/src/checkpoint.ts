// C2SP tlog-checkpoint.
import { decodeBase64, toBase64 } from './base64.ts'
import { TlogError } from './error.ts'
import { type Hash, isHash, requireHash } from './hash.ts'
import { requireNoteText } from './note.ts'
import { parseSize, requireSize } from './size.ts'

/** What a log signs: its tree at one moment. */
export interface Checkpoint {
  /** Name of the log; not empty, one line. */
  readonly origin: string
  /** Leaves in the tree. */
  readonly size: number
  /** RFC 6962 root of these leaves. */
  readonly root: Hash
}

/** A checkpoint text taken apart. */
export interface ParsedCheckpoint extends Checkpoint {
  /** Lines after the third. Opaque; Annals writes none. */
  readonly extensions: readonly string[]
}

/**
 * The three lines of a checkpoint, each ended by a newline: the text to sign.
 *
 * @throws TlogError E_NOTE_FORMAT for an origin that is empty or not one line of text
 * @example
 * formatCheckpoint({ origin: 'example.com/log', size: 3, root }) // 'example.com/log\n3\nrrO8...\n'
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint
  requireSize(size, 'size')
  requireHash(root, 'root')
  if (typeof origin !== 'string') throw new TypeError('origin must be a string')
  if (origin === '' || origin.includes('\n'))
    throw new TlogError('E_NOTE_FORMAT', 'an origin is one line of text')
  const text = `${origin}\n${size}\n${toBase64(root)}\n`
  requireNoteText(text)
  return text
}

/**
 * Parses the text of a checkpoint, signatures removed. It proves nothing until its note is verified: see
 * `openCheckpoint`.
 *
 * @throws TlogError E_NOTE_FORMAT for anything but the one spelling of a checkpoint, or a size beyond MAX_SIZE
 * @example
 * const { origin, size, root } = parseCheckpoint(note.text)
 */
export function parseCheckpoint(text: string): ParsedCheckpoint {
  requireNoteText(text)
  const lines = text.split('\n')
  lines.pop()
  const [origin = '', decimal = '', encoded = '', ...extensions] = lines
  const size = parseSize(decimal)
  const root = decodeBase64(encoded)
  if (origin === '') throw new TlogError('E_NOTE_FORMAT', 'a checkpoint without origin')
  if (size === undefined) throw new TlogError('E_NOTE_FORMAT', 'not a tree size')
  if (!isHash(root)) throw new TlogError('E_NOTE_FORMAT', 'not a root hash')
  if (extensions.includes('')) throw new TlogError('E_NOTE_FORMAT', 'an empty line in a checkpoint')
  return { origin, size, root, extensions }
}
