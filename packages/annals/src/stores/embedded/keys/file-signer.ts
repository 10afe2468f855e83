import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { Hash } from '@annals/tlog'
import {
  exportKey,
  generateSignerKeys,
  LocalSigner,
  type LogKeyRotation,
  type LogSigner,
  logVkey,
  type SignedHead,
  type SignerMemory,
} from '../../../log/signer.ts'
import { AnnalsError } from '../../../model/index.ts'
import { readIfThere, replaceFile, shredFile } from '../files.ts'
import type { Layout } from '../layout.ts'
import { formatLogKeys, keyFrom, type LogKey, parseLogKeys } from './log-keys.ts'
import { replaceSecret, shredLeftovers } from './secret-file.ts'
import { formatSignedHead, parseSignedHead, signedHeadPath } from './signed-head.ts'

/**
 * Opens the signer whose keys and memory are files of the log; makes them for a new log. Keys of the log whose time beside a
 * newer one is over are destroyed.
 *
 * @param seconds the clock that cosignatures are dated by, seconds since the epoch. @defaultValue that of the machine
 * @throws AnnalsError ANNALS_KEYS when a key is missing or damaged; the signer, ANNALS_CORRUPT when its memory is
 */
export async function openFileSigner(
  layout: Layout,
  origin: string,
  create: boolean,
  seconds?: () => number,
): Promise<FileSigner> {
  await shredLeftovers(layout.keys)
  const [logPath, cosignerPath] = [logKeyPath(layout), join(layout.keys, 'cosigner.key')]
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
  const logKeys = parseLogKeys(logPath, logPem.toString('utf8'))
  const cosigner = keyFrom(cosignerPath, cosignerPem.toString('utf8'))
  const [{ key: log }, ...before] = logKeys
  const memory = new HeadFile(signedHeadPath(layout))
  const local = new LocalSigner(
    origin,
    { log, cosigner, before: before.map(({ key }) => key) },
    memory,
    seconds,
  )
  if (create) {
    await replaceFile(layout.vkey, `${local.vkey}\n`)
    await replaceFile(layout.cosignerVkey, `${local.cosignerVkey}\n`)
  }
  const signer = new FileSigner(layout, local, logKeys)
  await signer.settle(seconds === undefined ? Date.now() : seconds() * 1_000)
  return signer
}

/** A signer whose keys are files, and can be changed. */
export class FileSigner implements LogSigner, LogKeyRotation {
  readonly origin: string
  readonly cosignerVkey: string
  readonly #layout: Layout
  readonly #local: LocalSigner
  #keys: readonly [LogKey, ...LogKey[]]

  constructor(layout: Layout, local: LocalSigner, keys: readonly [LogKey, ...LogKey[]]) {
    this.origin = local.origin
    this.cosignerVkey = local.cosignerVkey
    this.#layout = layout
    this.#local = local
    this.#keys = keys
  }

  get vkey(): string {
    return this.#local.vkey
  }

  get vkeys(): readonly string[] {
    return this.#local.vkeys
  }

  get rotation(): LogKeyRotation {
    return this
  }

  keys(): readonly { readonly vkey: string; readonly until: number | undefined }[] {
    return this.#keys.map(({ key, until }) => ({ vkey: logVkey(this.origin, key), until }))
  }

  head(): Promise<SignedHead | undefined> {
    return this.#local.head()
  }

  sign(size: number, root: Hash, prove: (oldSize: number) => Promise<readonly Hash[]>): Promise<Uint8Array> {
    return this.#local.sign(size, root, prove)
  }

  /** Finishes what a crash cut short, and destroys keys whose time is over. */
  async settle(now: number): Promise<void> {
    const prepared = await this.#prepared()
    // It signs already, or it is being destroyed: a key that has signed nothing is no loss.
    if (prepared === undefined || prepared.vkey === this.vkey) await shredFile(nextKeyPath(this.#layout))
    await this.retire(now)
  }

  async prepare(): Promise<string> {
    const known = await this.#prepared()
    if (known !== undefined) return known.vkey
    const { log } = generateSignerKeys()
    await replaceSecret(nextKeyPath(this.#layout), exportKey(log))
    return logVkey(this.origin, log)
  }

  async begin(until: number): Promise<void> {
    const prepared = await this.#prepared()
    if (prepared === undefined) return
    const { key, vkey } = prepared
    // Verifiers who read the directory know the key before it signs.
    const known = (await readIfThere(this.#layout.vkey))?.toString('utf8').split('\n') ?? []
    const lines = new Set([
      vkey,
      ...this.vkeys,
      ...known.map(line => line.trim()).filter(line => line !== ''),
    ])
    await replaceFile(this.#layout.vkey, `${[...lines].join('\n')}\n`)
    const [{ key: replaced }, ...before] = this.#keys
    await this.#use([{ key }, { key: replaced, until }, ...before])
    await shredFile(nextKeyPath(this.#layout))
  }

  async retire(now: number): Promise<readonly string[]> {
    const [newest, ...before] = this.#keys
    const over = before.filter(({ until = 0 }) => until <= now)
    if (over.length > 0) await this.#use([newest, ...before.filter(key => !over.includes(key))])
    return over.map(({ key }) => logVkey(this.origin, key))
  }

  /** The key that was made to sign next. */
  async #prepared(): Promise<{ readonly key: KeyObject; readonly vkey: string } | undefined> {
    const path = nextKeyPath(this.#layout)
    const pem = await readIfThere(path)
    if (pem === undefined) return undefined
    try {
      const key = keyFrom(path, pem.toString('utf8'))
      return { key, vkey: logVkey(this.origin, key) }
    } catch {
      return undefined
    }
  }

  async #use(keys: readonly [LogKey, ...LogKey[]]): Promise<void> {
    await replaceSecret(logKeyPath(this.#layout), formatLogKeys(keys))
    this.#keys = keys
    const [{ key }, ...before] = keys
    await this.#local.setLogKeys([key, ...before.map(one => one.key)])
  }
}

/** Path of the private keys that sign the log. */
export function logKeyPath(layout: Layout): string {
  return join(layout.keys, 'log.key')
}

function nextKeyPath(layout: Layout): string {
  return join(layout.keys, 'log.next.key')
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
