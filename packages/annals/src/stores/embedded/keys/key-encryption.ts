import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'

/** Environment variable that may hold the key-encryption key, 64 hex digits, instead of the file `keys/kek`. */
export const KEK_VARIABLE = 'ANNALS_KEK'
const NONCE = 12
const TAG = 16

/** Wraps the log's secrets: AES-256-GCM with a random nonce; the associated data is the secret's own name. */
export class KeyEncryption {
  readonly #key: Buffer

  constructor(key: Buffer) {
    if (key.length !== 32) throw new TypeError('a key-encryption key has 32 bytes')
    this.#key = key
  }

  /** A copy of the key, to hand to the thread that wraps new secrets. */
  raw(): Uint8Array {
    return Uint8Array.from(this.#key)
  }

  /** `nonce ‖ ciphertext ‖ tag`. */
  wrap(secret: Uint8Array, name: string): Buffer {
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name, 'latin1'))
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()])
  }

  /** @throws AnnalsError ANNALS_KEYS when it is not what was wrapped under this name and key */
  unwrap(wrapped: Uint8Array, name: string): Buffer {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, wrapped.subarray(0, NONCE))
      decipher.setAAD(Buffer.from(name, 'latin1')).setAuthTag(wrapped.subarray(wrapped.length - TAG))
      return Buffer.concat([decipher.update(wrapped.subarray(NONCE, wrapped.length - TAG)), decipher.final()])
    } catch (cause) {
      throw new AnnalsError(
        'ANNALS_KEYS',
        `A key of this log cannot be unwrapped (${name.split('\0')[0]}).`,
        {
          cause,
          hint: `Give the key-encryption key it was wrapped with, in keys/kek or ${KEK_VARIABLE}.`,
        },
      )
    }
  }
}

/** Path of the key-encryption key. */
export function kekPath(layout: Layout): string {
  return join(layout.keys, 'kek')
}

/**
 * The key-encryption key of a log: from the environment, or its file.
 *
 * @throws AnnalsError ANNALS_KEYS when it is no key
 */
export async function readKeyEncryption(layout: Layout): Promise<KeyEncryption | undefined> {
  const given = process.env[KEK_VARIABLE]
  const hex = given ?? (await readIfThere(kekPath(layout)))?.toString('latin1').trim()
  if (hex === undefined) return undefined
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    const what = given === undefined ? 'keys/kek' : `${KEK_VARIABLE}, which goes before keys/kek,`
    throw new AnnalsError('ANNALS_KEYS', `The key-encryption key in ${what} is not 64 hex digits.`, {
      hint:
        given === undefined
          ? `Restore keys/kek from where it is kept, or give the key in ${KEK_VARIABLE}.`
          : `Correct ${KEK_VARIABLE}, or unset it to use keys/kek.`,
    })
  }
  return new KeyEncryption(Buffer.from(hex, 'hex'))
}

/** Makes the key directory of a new log, and its key-encryption key unless the environment has one. */
export async function createKeyEncryption(layout: Layout): Promise<KeyEncryption> {
  await mkdir(layout.keys, { recursive: true, mode: 0o700 })
  const known = await readKeyEncryption(layout)
  if (known !== undefined) return known
  const key = randomBytes(32)
  await replaceFile(kekPath(layout), `${key.toString('hex')}\n`, 0o600)
  return new KeyEncryption(key)
}
