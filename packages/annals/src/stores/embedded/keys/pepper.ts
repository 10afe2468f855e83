import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'
import { KEK_VARIABLE, type KeyEncryption } from './key-encryption.ts'
import { replaceSecret } from './secret-file.ts'

const PEPPER = 'annals-pepper/v1'

/**
 * The pepper of person tags and hashes; undefined when there is none.
 *
 * @throws AnnalsError ANNALS_KEYS when it is damaged, or was wrapped with another key
 */
export async function readPepper(layout: Layout, kek: KeyEncryption): Promise<Uint8Array | undefined> {
  const path = pepperPath(layout)
  const wrapped = await readIfThere(path)
  if (wrapped === undefined) return undefined
  try {
    return kek.unwrap(wrapped, PEPPER)
  } catch (cause) {
    throw new AnnalsError('ANNALS_KEYS', `${path} cannot be unwrapped.`, {
      cause,
      hint: `Give the key-encryption key it was wrapped with, in keys/kek or ${KEK_VARIABLE}, or restore keys/pepper from a copy.`,
    })
  }
}

/** The pepper, made where there is none. */
export async function ensurePepper(layout: Layout, kek: KeyEncryption): Promise<Uint8Array> {
  const known = await readPepper(layout, kek)
  if (known !== undefined) return known
  const pepper = randomBytes(32)
  await replaceFile(pepperPath(layout), kek.wrap(pepper, PEPPER), 0o600)
  return pepper
}

/** Wraps the pepper with the key that wraps now. */
export async function rewrapPepper(layout: Layout, kek: KeyEncryption): Promise<void> {
  const wrapped = await readIfThere(pepperPath(layout))
  if (wrapped === undefined || kek.wraps(wrapped, PEPPER)) return
  await replaceSecret(pepperPath(layout), kek.wrap(kek.unwrap(wrapped, PEPPER), PEPPER))
}

function pepperPath(layout: Layout): string {
  return join(layout.keys, 'pepper')
}
