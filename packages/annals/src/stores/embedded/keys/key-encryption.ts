import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'

/** Environment variable that may hold the key-encryption key, 64 hex digits, instead of the file `keys/kek`. */
export const KEK_VARIABLE = 'ANNALS_KEK'
/** Environment variable with the key-encryption key that the one in {@link KEK_VARIABLE} replaces, until all is wrapped anew. */
export const OLD_KEK_VARIABLE = 'ANNALS_KEK_OLD'
const NONCE = 12
const TAG = 16

/**
 * Wraps the log's secrets: AES-256-GCM with a random nonce; the associated data is the secret's own name. While the key is
 * changed, what the one before has wrapped is unwrapped, too.
 */
export class KeyEncryption {
  /** Key objects: with bytes Node.js needs four times as long for each secret, of which an opening unwraps a thousand. */
  #key: KeyObject
  #before: KeyObject | undefined
  readonly #fromFiles: () => readonly Buffer[]

  /**
   * @param before the key that is being replaced by this one
   * @param fromFiles the keys that are in use by now: a process that only reads may have read them before they were changed
   */
  constructor(key: Uint8Array, before?: Uint8Array, fromFiles: () => readonly Buffer[] = () => []) {
    if (key.length !== 32 || (before !== undefined && before.length !== 32))
      throw new TypeError('a key-encryption key has 32 bytes')
    this.#key = createSecretKey(key)
    this.#before = before === undefined ? undefined : createSecretKey(before)
    this.#fromFiles = fromFiles
  }

  /** Names the key and reveals nothing of it: the first 8 bytes of HMAC-SHA-256(key, "annals-kek-id/v1"), hex. */
  get id(): string {
    return createHmac('sha256', this.#key).update('annals-kek-id/v1').digest('hex').slice(0, 16)
  }

  /** Whether some secrets may still be wrapped with the key before. */
  get changing(): boolean {
    return this.#before !== undefined
  }

  /** The key that wraps and the one before it, to hand to the thread that wraps new secrets. */
  raw(): readonly [key: Uint8Array, before: Uint8Array | undefined] {
    return [
      Uint8Array.from(this.#key.export()),
      this.#before === undefined ? undefined : Uint8Array.from(this.#before.export()),
    ]
  }

  /** Wraps with another key from now on, and unwraps with both. */
  change(key: Uint8Array): void {
    const next = createSecretKey(key)
    if (this.#key.equals(next)) return
    this.#before = this.#key
    this.#key = next
  }

  /** Unwraps no longer what the key before has wrapped; OpenSSL overwrites it when it lets go of it. */
  forgetBefore(): void {
    this.#before = undefined
  }

  /** `nonce ‖ ciphertext ‖ tag`. */
  wrap(secret: Uint8Array, name: string): Buffer {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name, 'latin1'))
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws AnnalsError ANNALS_KEYS when it is not what was wrapped under this name and key */
  unwrap(wrapped: Uint8Array, name: string): Buffer {
    const secret =
      decryptWithAny([this.#key, ...(this.#before === undefined ? [] : [this.#before])], wrapped, name) ??
      decryptWithAny(
        this.#fromFiles().map(key => createSecretKey(key)),
        wrapped,
        name,
      )
    if (secret !== undefined) return secret
    throw new AnnalsError('ANNALS_KEYS', `A key of this log cannot be unwrapped (${name.split('\0')[0]}).`, {
      hint: `Give the key-encryption key it was wrapped with, in keys/kek or ${KEK_VARIABLE}.`,
    })
  }

  /** Whether a secret was wrapped with the key that wraps now, and not with the one before. */
  wraps(wrapped: Uint8Array, name: string): boolean {
    return decryptWithAny([this.#key], wrapped, name) !== undefined
  }
}

function decryptWithAny(keys: readonly KeyObject[], wrapped: Uint8Array, name: string): Buffer | undefined {
  for (const key of keys) {
    try {
      return decrypt(key, wrapped, name)
    } catch {
      // GCM tells a wrong key, another name and damage alike.
    }
  }
  return undefined
}

function decrypt(key: KeyObject, wrapped: Uint8Array, name: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(name, 'latin1')).setAuthTag(wrapped.subarray(wrapped.length - TAG))
  return Buffer.concat([decipher.update(wrapped.subarray(NONCE, wrapped.length - TAG)), decipher.final()])
}

/** Path of the key-encryption key. */
export function kekPath(layout: Layout): string {
  return join(layout.keys, 'kek')
}

/** Path of the key that is taking the place of `keys/kek`. */
export function nextKekPath(layout: Layout): string {
  return join(layout.keys, 'kek.next')
}

/** Whether the environment has the key, so that its file is not used. */
export function kekIsGiven(): boolean {
  return process.env[KEK_VARIABLE] !== undefined
}

/**
 * The key-encryption key of a log, from the environment or its file; and the one before it while that is being replaced.
 *
 * @throws AnnalsError ANNALS_KEYS when it is no key
 */
export async function readKeyEncryption(layout: Layout): Promise<KeyEncryption | undefined> {
  const { [KEK_VARIABLE]: given, [OLD_KEK_VARIABLE]: givenBefore } = process.env
  if (given !== undefined) {
    const key = parseKek(given, KEK_VARIABLE, `Correct ${KEK_VARIABLE}, or unset it to use keys/kek.`)
    if (givenBefore === undefined) return new KeyEncryption(key)
    const before = parseKek(givenBefore, OLD_KEK_VARIABLE, `Correct ${OLD_KEK_VARIABLE}, or unset it.`)
    return new KeyEncryption(key, before.equals(key) ? undefined : before)
  }
  // The next one first: it takes the other's place, never the other way round.
  const next = await readIfThere(nextKekPath(layout))
  const current = await readIfThere(kekPath(layout))
  if (current === undefined) return undefined
  const hint = `Restore it from where it is kept, or give the key in ${KEK_VARIABLE}.`
  const key = parseKek(current.toString('latin1'), 'keys/kek', hint)
  const now = (): readonly Buffer[] => keysNow(layout)
  if (next === undefined) return new KeyEncryption(key, undefined, now)
  const replacing = parseKek(next.toString('latin1'), 'keys/kek.next', hint)
  return replacing.equals(key)
    ? new KeyEncryption(key, undefined, now)
    : new KeyEncryption(replacing, key, now)
}

/** Keys that the files hold at this moment. */
function keysNow(layout: Layout): readonly Buffer[] {
  return [nextKekPath(layout), kekPath(layout)].flatMap(path => {
    try {
      const hex = readFileSync(path, 'latin1').trim()
      return HEX_KEY.test(hex) ? [Buffer.from(hex, 'hex')] : []
    } catch {
      return []
    }
  })
}

const HEX_KEY = /^[0-9a-f]{64}$/i

function parseKek(text: string, where: string, hint: string): Buffer {
  const hex = text.trim()
  if (HEX_KEY.test(hex)) return Buffer.from(hex, 'hex')
  const what = where === KEK_VARIABLE ? `${where}, which goes before keys/kek,` : where
  throw new AnnalsError('ANNALS_KEYS', `The key-encryption key in ${what} is not 64 hex digits.`, { hint })
}

/** The key as its file has it. */
export function formatKek(key: Uint8Array): string {
  return `${Buffer.from(key).toString('hex')}\n`
}

/** Makes the key-encryption key of a new log unless the environment has one. */
export async function createKeyEncryption(layout: Layout): Promise<KeyEncryption> {
  const known = await readKeyEncryption(layout)
  if (known !== undefined) return known
  const key = randomBytes(32)
  await replaceFile(kekPath(layout), formatKek(key), 0o600)
  return new KeyEncryption(key)
}
