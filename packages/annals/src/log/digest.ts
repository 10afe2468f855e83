import { hash } from 'node:crypto'

/**
 * Digests on the hot path travel as latin1 strings, one character a byte: they are written into reused buffers without
 * an allocation, which measured 1.8 times as fast as Buffers.
 */
export type Digest = string

/** SHA-256 of bytes, as 32 latin1 characters. */
export function sha256(bytes: Uint8Array): Digest {
  return hash('sha256', bytes, 'binary')
}

/** SHA-256 of bytes, as 43 base64url characters. */
export function sha256Base64Url(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url')
}

/** SHA-256 as the pure packages ask for it. */
export function sha256Bytes(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}

/** The bytes of a digest. */
export function digestBytes(digest: Digest): Buffer {
  return Buffer.from(digest, 'latin1')
}
