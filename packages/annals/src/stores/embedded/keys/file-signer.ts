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

/** Opens the signer whose keys and memory are files of the log; makes them for a new log. */
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
  const keys = { log: importKey(logPem.toString('utf8')), cosigner: importKey(cosignerPem.toString('utf8')) }
  const signer = new LocalSigner(origin, keys, new HeadFile(join(layout.keys, 'signed-head.json')))
  if (create) {
    await replaceFile(layout.vkey, `${signer.vkey}\n`)
    await replaceFile(layout.cosignerVkey, `${signer.cosignerVkey}\n`)
  }
  return signer
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
    const { size, root } = JSON.parse(bytes.toString('utf8')) as { size: number; root: string }
    return { size, root: Buffer.from(root, 'base64') }
  }

  async save(head: SignedHead): Promise<void> {
    await replaceFile(
      this.#path,
      `${JSON.stringify({ size: head.size, root: Buffer.from(head.root).toString('base64') })}\n`,
      0o600,
    )
  }
}
