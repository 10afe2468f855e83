// C2SP signed-note, section "Signatures": key ids, verifier keys ("vkeys") and Ed25519 signatures of type 0x01.
import { decodeBase64, toBase64 } from './base64.ts'
import { concatBytes, readU32, requireBytes } from './bytes.ts'
import { TlogError } from './error.ts'
import type { Sha256 } from './hash.ts'
import { isKeyName } from './note.ts'
import type { NoteSigner, NoteVerifier } from './note-sign.ts'
import { encodeUtf8 } from './utf8.ts'

/** Signature type of Ed25519 over the note text. */
export const TYPE_ED25519: number = 0x01

/** Ed25519 verification, injected: 32-byte public key, message, 64-byte signature (RFC 8032). */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

/** Ed25519 signing with a key that stays with whoever gives this function: message to 64-byte signature. */
export type Ed25519Sign = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>

/** A verifier key taken apart. */
export interface VerifierKey {
  readonly name: string
  /** Unsigned 32-bit number. */
  readonly keyId: number
  /** Signature type: 0x01 Ed25519, 0x04 Ed25519 cosignature. */
  readonly type: number
  readonly publicKey: Uint8Array
}

/** What a signer is made of. */
export interface SignerOptions {
  readonly name: string
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array
  readonly sign: Ed25519Sign
}

/**
 * The id of a key: the first four bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key) as a big-endian number.
 *
 * @throws TypeError, RangeError for a bad name or type
 * @example
 * keyId(sha, 'example.com/log', TYPE_ED25519, publicKey)
 */
export function keyId(sha: Sha256, name: string, type: number, publicKey: Uint8Array): number {
  if (typeof name !== 'string' || !isKeyName(name)) throw new TypeError('not a key name')
  if (!Number.isInteger(type) || type < 0 || type > 255) throw new RangeError('a signature type is one byte')
  requireBytes(publicKey, 'publicKey')
  return readU32(sha(concatBytes(encodeUtf8(`${name}\n`), new Uint8Array([type]), publicKey)), 0)
}

/**
 * The text of a verifier key: name, key id in hexadecimal, base64 of type and public key, joined by plus signs.
 *
 * @example
 * formatVerifierKey(sha, 'example.com/log', TYPE_ED25519, publicKey) // 'example.com/log+c74f20a3+ARpc2Q...'
 */
export function formatVerifierKey(sha: Sha256, name: string, type: number, publicKey: Uint8Array): string {
  const hex = keyId(sha, name, type, publicKey).toString(16).padStart(8, '0')
  return `${name}+${hex}+${toBase64(concatBytes(new Uint8Array([type]), publicKey))}`
}

/**
 * Parses a verifier key, and checks its key id.
 *
 * @throws TlogError E_KEY_FORMAT
 * @example
 * const { name, keyId, type, publicKey } = parseVerifierKey(sha, vkey)
 */
export function parseVerifierKey(sha: Sha256, vkey: string): VerifierKey {
  if (typeof vkey !== 'string') throw new TypeError('vkey must be a string')
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(vkey)
  const [, name = '', hex = '', encoded = ''] = match ?? []
  const bytes = decodeBase64(encoded)
  const type = bytes?.[0]
  if (match === null || bytes === undefined || type === undefined || bytes.length < 2 || !isKeyName(name)) {
    throw new TlogError('E_KEY_FORMAT', 'not a verifier key')
  }
  const publicKey = bytes.slice(1)
  const id = keyId(sha, name, type, publicKey)
  if (id !== Number.parseInt(hex, 16))
    throw new TlogError('E_KEY_FORMAT', 'the key id is not that of the key')
  return { name, keyId: id, type, publicKey }
}

/** As `parseVerifierKey`, and requires a 32-byte key of one type. */
export function parseEd25519Key(sha: Sha256, vkey: string, type: number): VerifierKey {
  const key = parseVerifierKey(sha, vkey)
  if (key.type !== type || key.publicKey.length !== 32) {
    throw new TlogError('E_KEY_FORMAT', `not an Ed25519 verifier key of type ${type}`)
  }
  return key
}

/**
 * The verifier of an Ed25519 verifier key of type 0x01, for logs.
 *
 * @throws TlogError E_KEY_FORMAT
 * @example
 * const note = await openNote(bytes, [ed25519Verifier(sha, vkey, verify)])
 */
export function ed25519Verifier(sha: Sha256, vkey: string, verify: Ed25519Verify): NoteVerifier {
  const key = parseEd25519Key(sha, vkey, TYPE_ED25519)
  return {
    name: key.name,
    keyId: key.keyId,
    verify: (message, signature) => signature.length === 64 && verify(key.publicKey, message, signature),
  }
}

/**
 * A signer of type 0x01 from an Ed25519 signing function.
 *
 * @example
 * const note = await signNote(text, [ed25519Signer(sha, { name, publicKey, sign })])
 */
export function ed25519Signer(sha: Sha256, options: SignerOptions): NoteSigner {
  const { name, publicKey, sign } = options
  requireEd25519Key(publicKey)
  return {
    name,
    keyId: keyId(sha, name, TYPE_ED25519, publicKey),
    sign: async message => requireSignature(await sign(message)),
  }
}

/** Throws a TypeError unless the public key is 32 bytes. */
export function requireEd25519Key(publicKey: Uint8Array): void {
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== 32)
    throw new TypeError('publicKey must be 32 bytes')
}

/** The signature; a TypeError unless the signing function gave 64 bytes. */
export function requireSignature(signature: Uint8Array): Uint8Array {
  if (!(signature instanceof Uint8Array) || signature.length !== 64)
    throw new TypeError('sign must give 64 bytes')
  return signature
}
