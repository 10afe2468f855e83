// C2SP tlog-cosignature, the Ed25519 type 0x04 ("cosignature/v1").
import { concatBytes, readU32, requireBytes, u32Bytes } from './bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { TlogError } from './error.ts'
import type { Sha256 } from './hash.ts'
import {
  type Ed25519Verify,
  keyId,
  parseEd25519Key,
  requireEd25519Key,
  requireSignature,
  type SignerOptions,
} from './keys.ts'
import type { NoteSigner, NoteVerifier } from './note-sign.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Signature type of timestamped Ed25519 cosignatures. */
export const TYPE_COSIGNATURE: number = 0x04

/** A cosignature taken apart. */
export interface Cosignature {
  /** When it was made, in seconds since the epoch. */
  readonly time: number
  /** Ed25519 over `cosignatureMessage`, 64 bytes. */
  readonly signature: Uint8Array
}

/** What a cosigner is made of. */
export interface CosignerOptions extends SignerOptions {
  /** The present time in whole seconds since the epoch. */
  readonly now: () => number
}

/**
 * The message that a cosigner signs: two header lines and the whole checkpoint text.
 *
 * @throws RangeError unless the time is a whole number of seconds from 0 to 2^53 - 1
 * @example
 * const signature = sign(cosignatureMessage(1679315147, text))
 */
export function cosignatureMessage(time: number, checkpointText: string): Uint8Array {
  requireTime(time)
  return encodeUtf8(`cosignature/v1\ntime ${time}\n${checkpointText}`)
}

/**
 * The signature bytes of a cosignature in a note: the time as a big-endian 64-bit number, then the Ed25519 signature.
 *
 * @throws RangeError for the time; TypeError unless the signature has 64 bytes
 * @example
 * const line = { name, keyId, signature: formatCosignature(time, signature) }
 */
export function formatCosignature(time: number, signature: Uint8Array): Uint8Array {
  requireTime(time)
  return concatBytes(
    u32Bytes(Math.floor(time / 2 ** 32)),
    u32Bytes(time % 2 ** 32),
    requireSignature(signature),
  )
}

/**
 * Takes the signature bytes of a cosignature apart. It verifies nothing.
 *
 * @throws TlogError E_NOTE_FORMAT unless they are 72 bytes with a time up to 2^53 - 1
 * @example
 * const { time } = parseCosignature(opened.witnessed[0].signature)
 */
export function parseCosignature(bytes: Uint8Array): Cosignature {
  requireBytes(bytes, 'bytes')
  const cosignature = splitCosignature(bytes)
  if (cosignature === undefined) throw new TlogError('E_NOTE_FORMAT', 'not a cosignature')
  return cosignature
}

/**
 * A signer that cosigns checkpoints with the time of its clock. That the checkpoint extends the last one it signed is
 * for the caller to check first. It refuses to sign anything but a checkpoint.
 *
 * @example
 * const cosigned = await signNote(text, [cosigner(sha, { name, publicKey, sign, now })], signatures)
 */
export function cosigner(sha: Sha256, options: CosignerOptions): NoteSigner {
  const { name, publicKey, sign, now } = options
  requireEd25519Key(publicKey)
  return {
    name,
    keyId: keyId(sha, name, TYPE_COSIGNATURE, publicKey),
    sign: async message => {
      const text = decodeUtf8(message)
      if (text === undefined) throw new TlogError('E_NOTE_FORMAT', 'not UTF-8')
      parseCheckpoint(text)
      const time = now()
      return formatCosignature(time, await sign(cosignatureMessage(time, text)))
    },
  }
}

/**
 * The verifier of a cosigner's verifier key, type 0x04. The time is not judged: read it with `parseCosignature`.
 *
 * @throws TlogError E_KEY_FORMAT
 * @example
 * await openCheckpoint(bytes, origin, [logVerifier], [cosignatureVerifier(sha, vkey, verify)])
 */
export function cosignatureVerifier(sha: Sha256, vkey: string, verify: Ed25519Verify): NoteVerifier {
  const key = parseEd25519Key(sha, vkey, TYPE_COSIGNATURE)
  return {
    name: key.name,
    keyId: key.keyId,
    verify: (message, bytes) => {
      const text = decodeUtf8(message)
      const parts = splitCosignature(bytes)
      if (text === undefined || parts === undefined) return false
      return verify(key.publicKey, cosignatureMessage(parts.time, text), parts.signature)
    },
  }
}

function splitCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== 72) return undefined
  const time = readU32(bytes, 0) * 2 ** 32 + readU32(bytes, 4)
  return Number.isSafeInteger(time) ? { time, signature: bytes.slice(8) } : undefined
}

function requireTime(time: number): void {
  if (!Number.isSafeInteger(time) || time < 0)
    throw new RangeError('time must be whole seconds from 0 to 2^53 - 1')
}
