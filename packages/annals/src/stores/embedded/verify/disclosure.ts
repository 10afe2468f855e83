import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AnnalsError } from '../../../model/index.ts'
import type { Findings } from '../../../verify/findings.ts'
import { type KeyEncryption, kekPath, readKeyEncryption } from '../keys/key-encryption.ts'
import { readPepper } from '../keys/pepper.ts'
import { vaultPath } from '../keys/vault.ts'
import type { Layout } from '../layout.ts'

/** Whether whoever verifies has the secrets that parts are held against. */
export type Disclosure =
  | { readonly kind: 'given'; readonly kek: KeyEncryption }
  /** There are none. */
  | { readonly kind: 'absent' }
  /** They are there, and may not be read. */
  | { readonly kind: 'denied' }
  /** The key-encryption key is no key, so that nothing under it can be opened. */
  | { readonly kind: 'damaged'; readonly why: string }

/** Looks whether the keys may be read, and for the key that opens them. */
export async function readDisclosure(layout: Layout): Promise<Disclosure> {
  try {
    if (await mayNotRead(layout)) return { kind: 'denied' }
    const kek = await readKeyEncryption(layout)
    return kek === undefined ? { kind: 'absent' } : { kind: 'given', kek }
  } catch (error) {
    if (isDenied(error)) return { kind: 'denied' }
    if (error instanceof AnnalsError) return { kind: 'damaged', why: error.message }
    return { kind: 'damaged', why: `${kekPath(layout)} cannot be read: ${(error as Error).message}.` }
  }
}

/** Says what cannot be checked for want of keys, and finds a damaged pepper, which no part needs. */
export async function reportDisclosure(
  disclosure: Disclosure,
  layout: Layout,
  findings: Findings,
): Promise<void> {
  const notDisclosed = (why: string): void =>
    findings.add('W_NOT_DISCLOSED', undefined, `${why}, parts cannot be held against their commitments.`)
  switch (disclosure.kind) {
    case 'absent':
      notDisclosed('Without the keys of the log')
      break
    case 'denied':
      notDisclosed('keys/ may not be read by this user: without the keys of the log')
      break
    case 'damaged':
      findings.add('E_KEY_MISSING', undefined, `No key of the log can be opened: ${disclosure.why}`)
      notDisclosed('Without the key-encryption key')
      break
    case 'given':
      await checkPepper(layout, disclosure.kek, findings)
  }
}

async function checkPepper(layout: Layout, kek: KeyEncryption, findings: Findings): Promise<void> {
  try {
    await readPepper(layout, kek)
  } catch (error) {
    if (!isDenied(error))
      findings.add(
        'E_KEY_MISSING',
        undefined,
        'keys/pepper is damaged, or not wrapped with this key-encryption key: persons cannot be told by their tags.',
      )
  }
}

/** Directories and files may be closed although the key comes from the environment. */
async function mayNotRead(layout: Layout): Promise<boolean> {
  const seeds = join(layout.keys, 'seeds')
  return (
    (await denied(() => readdir(layout.keys))) ||
    (await denied(() => access(vaultPath(layout), constants.R_OK))) ||
    (await denied(async () => {
      const [seed] = await readdir(seeds)
      if (seed !== undefined) await access(join(seeds, seed), constants.R_OK)
    }))
  )
}

async function denied(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look()
    return false
  } catch (error) {
    return isDenied(error)
  }
}

function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
}
