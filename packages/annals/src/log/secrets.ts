import { type Digest, sha256, sha256Base64Url } from './digest.ts'

// Derivations of integrity.md section 2 ("Secrets"); `spec/log-v1.md` has them with vectors.

interface Template {
  readonly bytes: Buffer
  /** Where the variable part begins. */
  readonly at: number
}

function template(label: string, variable: number): Template {
  const bytes = Buffer.alloc(label.length + 1 + variable)
  bytes.write(label, 0, 'latin1')
  return { bytes, at: label.length + 1 }
}

const SALT = template('annals-salt/v1', 32)
const KEY = template('annals-key/v1', 32)
const NONCE = template('annals-n/v1', 32)
const E_BY_NAME = new Map<string, Template>()
const PS_BY_COUNT: Template[] = []

/** `e` of a part: SHA-256("annals-e/v1\0" ‖ g ‖ u16be(len name) ‖ name). */
export function partSeed(g: Digest, name: string): Digest {
  let t = E_BY_NAME.get(name)
  if (t === undefined) {
    t = template('annals-e/v1', 32 + 2 + name.length)
    t.bytes.writeUInt16BE(name.length, t.at + 32)
    t.bytes.write(name, t.at + 34, 'latin1')
    if (E_BY_NAME.size < 1024) E_BY_NAME.set(name, t)
  }
  t.bytes.write(g, t.at, 32, 'latin1')
  return sha256(t.bytes)
}

/**
 * `ps` of a part: `e` itself, or with subject keys SHA-256("annals-ps/v1\0" ‖ e ‖ K_1 ‖ K_2 …), keys in the order of
 * their ids. It is gone as soon as any one of the keys is destroyed.
 */
export function partSecret(e: Digest, keys: readonly Digest[]): Digest {
  if (keys.length === 0) return e
  let t = PS_BY_COUNT[keys.length]
  if (t === undefined) {
    t = template('annals-ps/v1', 32 + 32 * keys.length)
    if (keys.length <= 64) PS_BY_COUNT[keys.length] = t
  }
  t.bytes.write(e, t.at, 32, 'latin1')
  for (let i = 0; i < keys.length; i++) t.bytes.write(keys[i] as Digest, t.at + 32 + 32 * i, 32, 'latin1')
  return sha256(t.bytes)
}

/** The salt of a part's commitment. Revealing it reveals neither the secret nor the archive key. */
export function partSalt(ps: Digest): Digest {
  SALT.bytes.write(ps, SALT.at, 32, 'latin1')
  return sha256(SALT.bytes)
}

/** The AES-256 key of a part in an archive. */
export function partKey(ps: Digest): Digest {
  KEY.bytes.write(ps, KEY.at, 32, 'latin1')
  return sha256(KEY.bytes)
}

const REFS = template('annals-refs/v1', 34)
const IV_LABEL = 'annals-iv/v1\0'
const AAD_LABEL = 'annals-aad/v1\0'

/**
 * What hides the `k`th key id of a part in an archive: 16 bytes that are combined with it by XOR. Without `e` nobody can tell
 * whose part it was.
 */
export function refsMask(e: Digest, k: number): Buffer {
  REFS.bytes.write(e, REFS.at, 32, 'latin1')
  REFS.bytes.writeUInt16BE(k, REFS.at + 32)
  return Buffer.from(sha256(REFS.bytes), 'latin1').subarray(0, 16)
}

/**
 * AES-256-GCM nonce of a part in an archive, given its key and the deflated bytes. A key is that of one part for ever, so
 * four bytes tell apart the few streams that other versions of zlib may make of it; the same stream is encrypted the same way.
 */
export function archiveNonce(key: Digest, deflated: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(IV_LABEL.length + 32 + deflated.length)
  bytes.write(IV_LABEL, 0, 'latin1')
  bytes.write(key, IV_LABEL.length, 32, 'latin1')
  bytes.set(deflated, IV_LABEL.length + 32)
  const nonce = Buffer.alloc(12)
  nonce.write(sha256(bytes), 8, 4, 'latin1')
  return nonce
}

/** Associated data of a part in an archive: what it is, so that ciphertext cannot be moved. */
export function partAad(origin: string, index: number, name: string): Buffer {
  const from = Buffer.from(origin, 'utf8')
  const bytes = Buffer.allocUnsafe(AAD_LABEL.length + 2 + from.length + 8 + 2 + name.length)
  let at = bytes.write(AAD_LABEL, 0, 'latin1')
  at = bytes.writeUInt16BE(from.length, at)
  at += from.copy(bytes, at)
  at = bytes.writeBigUInt64BE(BigInt(index), at)
  at = bytes.writeUInt16BE(name.length, at)
  bytes.write(name, at, 'latin1')
  return bytes
}

// A sixth of the 22nd base64url character belongs to byte 16; the rest of it must be zero to be canonical.
const LAST = new Map(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((c, i) => [
    c,
    'AQgw'[Math.floor(i / 16)] as string,
  ]),
)

/** The entry's nonce: first 16 bytes of SHA-256("annals-n/v1\0" ‖ g), as 22 base64url characters. */
export function entryNonce(g: Digest): string {
  NONCE.bytes.write(g, NONCE.at, 32, 'latin1')
  return first16(sha256Base64Url(NONCE.bytes))
}

/** First 16 bytes of a 32-byte value given in base64url, again in base64url. */
export function first16(base64url: string): string {
  return base64url.slice(0, 21) + LAST.get(base64url[21] as string)
}

const COMMIT_LABEL = 'annals-part/v1\0'

/** Bytes that precede a part's own in its commitment: label, salt, name. */
export function commitmentPrefixLength(name: string): number {
  return COMMIT_LABEL.length + 32 + 2 + name.length
}

/** Writes the prefix of commitment `C = SHA-256("annals-part/v1\0" ‖ salt ‖ u16be(len name) ‖ name ‖ bytes)`; returns its end. */
export function writeCommitmentPrefix(into: Buffer, at: number, salt: Digest, name: string): number {
  into.write(COMMIT_LABEL, at, 'latin1')
  into.write(salt, at + 15, 32, 'latin1')
  into.writeUInt16BE(name.length, at + 47)
  into.write(name, at + 49, 'latin1')
  return at + 49 + name.length
}

/** The commitment to a part, as 43 base64url characters. */
export function commitment(salt: Digest, name: string, bytes: Uint8Array): string {
  const scratch = Buffer.allocUnsafe(commitmentPrefixLength(name) + bytes.length)
  scratch.set(bytes, writeCommitmentPrefix(scratch, 0, salt, name))
  return sha256Base64Url(scratch)
}
