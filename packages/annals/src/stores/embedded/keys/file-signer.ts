import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import {
  exportKey,
  generateSignerKeys,
  importKey,
  LocalSigner,
  type SignedHead,
  type SignerMemory,
} from '../../../log/signer.ts'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile } from '../files.ts'
import type { Layout } from '../layout.ts'
import { formatSignedHead, parseSignedHead, signedHeadPath } from './signed-head.ts'

/**
 * Opens the signer whose keys and memory are files of the log; makes them for a new log.
 *
 * @throws AnnalsError ANNALS_KEYS when a key is missing or damaged; the signer, ANNALS_CORRUPT when its memory is
 */
export async function openFileSigner(layout: Layout, origin: string, create: boolean): Promise<LocalSigner> {
  const [logPath, cosignerPath] = [join(layout.keys, 'log.key'), join(layout.keys, 'cosigner.key')]
  if (create && (await readIfThere(cosignerPath)) === undefined) {
    const keys = generateSignerKeys()
    await replaceFile(logPath, exportKey(keys.log), 0o600)
    await replaceFile(cosignerPath, exportKey(keys.cosigner), 0o600)
  }
  const [logPem, cosignerPem] = await Promise.all([readIfThere(logPath), readIfThere(cosignerPath)])
  if (logPem === undefined || cosignerPem === undefined) {
    throw new AnnalsError('ANNALS_KEYS', `${layout.keys} lacks the key that signs this log.`, {
      hint: 'Restore keys/log.key and keys/cosigner.key from where they are kept; without them the log can only be read.',
    })
  }
  const keys = { log: keyFrom(logPath, logPem), cosigner: keyFrom(cosignerPath, cosignerPem) }
  const signer = new LocalSigner(origin, keys, new HeadFile(signedHeadPath(layout)))
  if (create) {
    await replaceFile(layout.vkey, `${signer.vkey}\n`)
    await replaceFile(layout.cosignerVkey, `${signer.cosignerVkey}\n`)
  }
  return signer
}

function keyFrom(path: string, pem: Buffer): KeyObject {
  let key: KeyObject | undefined
  let cause: unknown
  try {
    key = importKey(pem.toString('utf8'))
  } catch (error) {
    cause = error
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new AnnalsError('ANNALS_KEYS', `${path} is damaged: it holds no Ed25519 private key.`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Restore the file from where it is kept; without it the log can only be read.',
  })
}

/** Last signed head, in a file beside the key. */
class HeadFile implements SignerMemory {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<SignedHead | undefined> {
    const bytes = await readIfThere(this.#path)
    if (bytes === undefined) return undefined
    const head = parseSignedHead(bytes.toString('utf8'))
    if (head !== undefined) return head
    throw new AnnalsError(
      'ANNALS_CORRUPT',
      `${this.#path} is damaged: it does not say what was signed last.`,
      {
        hint: 'Restore the newest copy of the file. Without one, verify the log against a checkpoint kept elsewhere; if that succeeds, remove the file.',
      },
    )
  }

  async save(head: SignedHead): Promise<void> {
    await replaceFile(this.#path, formatSignedHead(head), 0o600)
  }
}
