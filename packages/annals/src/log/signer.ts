import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import {
  checkConsistency,
  cosigner,
  ed25519Signer,
  formatCheckpoint,
  formatVerifierKey,
  type Hash,
  type NoteSigner,
  signNote,
  TYPE_COSIGNATURE,
  TYPE_ED25519,
} from '@annals/tlog'
import { AnnalsError } from '../model/index.ts'
import { sha256Bytes } from './digest.ts'

/** What a signer remembers: the largest tree it has put its name to. */
export interface SignedHead {
  readonly size: number
  readonly root: Uint8Array
}

/** Durable memory of a signer, kept beside its key and apart from the log. */
export interface SignerMemory {
  load(): Promise<SignedHead | undefined>
  /** Durable and atomic: a signature is given only for what is remembered. */
  save(head: SignedHead): Promise<void>
}

/** How a signer changes the log's key. Every step is durable when it resolves, and again it does nothing. */
export interface LogKeyRotation {
  /** The keys that sign now, the newest first; `until` (ms since the epoch) of one that signs beside it for a while. */
  keys(): readonly { readonly vkey: string; readonly until?: number | undefined }[]
  /** Makes the key that will sign next, unless it is made already. It signs nothing yet. Returns its verifier key. */
  prepare(): Promise<string>
  /** From now on the prepared key signs, and the one before beside it until then, ms since the epoch. */
  begin(until: number): Promise<void>
  /** Destroys keys that sign beside the newest for no longer than this time, ms; returns their verifier keys. */
  retire(now: number): Promise<readonly string[]>
}

/** Signs checkpoints of one log, and never two that contradict each other. */
export interface LogSigner {
  readonly origin: string
  /** Verifier key of the log, the text an auditor pins: of the newest key that signs. */
  readonly vkey: string
  /** Verifier keys of all keys of the log that sign now, the newest first. */
  readonly vkeys: readonly string[]
  /** Absent where the key cannot be changed. */
  readonly rotation?: LogKeyRotation | undefined
  /** Verifier key of the signer's own cosignature, which gives every checkpoint a time. */
  readonly cosignerVkey: string
  /** The largest tree signed so far. */
  head(): Promise<SignedHead | undefined>
  /**
   * Signs a tree that extends the last one signed.
   *
   * @param prove consistency proof from an older size to this one
   * @throws AnnalsError ANNALS_ROLLBACK when it does not extend it
   */
  sign(size: number, root: Hash, prove: (oldSize: number) => Promise<readonly Hash[]>): Promise<Uint8Array>
}

/** Key material of a signer: Ed25519 private keys. */
export interface SignerKeys {
  readonly log: KeyObject
  readonly cosigner: KeyObject
  /** Keys of the log from before, which sign beside the newest for a while. */
  readonly before?: readonly KeyObject[]
}

/** Makes key material for a new log. */
export function generateSignerKeys(): SignerKeys {
  return {
    log: generateKeyPairSync('ed25519').privateKey,
    cosigner: generateKeyPairSync('ed25519').privateKey,
  }
}

/** A private key as PKCS #8 PEM, and back. */
export function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string
}

export function importKey(pem: string): KeyObject {
  return createPrivateKey(pem)
}

/** Ed25519 verification as the pure packages ask for it. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

// DER header of an Ed25519 SubjectPublicKeyInfo (RFC 8410): the 32 raw bytes follow.
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

function rawPublicKey(key: KeyObject): Uint8Array {
  return (createPublicKey(key).export({ type: 'spki', format: 'der' }) as Buffer).subarray(SPKI.length)
}

/** Verifier key of a private key of a log. */
export function logVkey(origin: string, key: KeyObject): string {
  return formatVerifierKey(sha256Bytes, origin, TYPE_ED25519, rawPublicKey(key))
}

/** A signer whose keys are in this process; its memory is a port. */
export class LocalSigner implements LogSigner {
  readonly origin: string
  readonly cosignerVkey: string
  readonly #memory: SignerMemory
  readonly #cosigner: NoteSigner
  #logKeys: readonly NoteSigner[]
  #vkeys: readonly string[]
  #head: SignedHead | undefined
  #loaded = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    origin: string,
    keys: SignerKeys,
    memory: SignerMemory,
    seconds: () => number = () => Math.floor(Date.now() / 1000),
  ) {
    this.origin = origin
    this.#memory = memory
    const cosignerKey = rawPublicKey(keys.cosigner)
    const cosignerName = `${origin}/cosigner`
    this.cosignerVkey = formatVerifierKey(sha256Bytes, cosignerName, TYPE_COSIGNATURE, cosignerKey)
    this.#cosigner = cosigner(sha256Bytes, {
      name: cosignerName,
      publicKey: cosignerKey,
      sign: message => sign(null, message, keys.cosigner),
      now: seconds,
    })
    const logKeys = [keys.log, ...(keys.before ?? [])]
    this.#logKeys = logKeys.map(key => logSigner(origin, key))
    this.#vkeys = logKeys.map(key => logVkey(origin, key))
  }

  get vkey(): string {
    return this.#vkeys[0] as string
  }

  get vkeys(): readonly string[] {
    return this.#vkeys
  }

  /** Signs with these keys of the log from the next checkpoint on, the newest first. */
  async setLogKeys(keys: readonly [KeyObject, ...KeyObject[]]): Promise<void> {
    await this.#last
    this.#logKeys = keys.map(key => logSigner(this.origin, key))
    this.#vkeys = keys.map(key => logVkey(this.origin, key))
  }

  async head(): Promise<SignedHead | undefined> {
    if (!this.#loaded) {
      this.#head = await this.#memory.load()
      this.#loaded = true
    }
    return this.#head
  }

  sign(size: number, root: Hash, prove: (oldSize: number) => Promise<readonly Hash[]>): Promise<Uint8Array> {
    // One at a time: two that were checked against the same head could contradict each other.
    const signed = this.#last.then(() => this.#sign(size, root, prove))
    this.#last = signed.catch(() => {})
    return signed
  }

  async #sign(
    size: number,
    root: Hash,
    prove: (oldSize: number) => Promise<readonly Hash[]>,
  ): Promise<Uint8Array> {
    const head = await this.head()
    if (head !== undefined) {
      if (size < head.size) throw rolledBack(`it has ${size} entries, and ${head.size} were signed before`)
      try {
        checkConsistency(sha256Bytes, await prove(head.size), head.size, head.root, size, root)
      } catch (cause) {
        throw rolledBack(`its tree of ${size} entries does not extend the signed one of ${head.size}`, cause)
      }
    }
    if (head === undefined || size > head.size) {
      const next = { size, root: Uint8Array.from(root) }
      await this.#memory.save(next)
      this.#head = next
    }
    return signNote(formatCheckpoint({ origin: this.origin, size, root }), [...this.#logKeys, this.#cosigner])
  }
}

function logSigner(origin: string, key: KeyObject): NoteSigner {
  return ed25519Signer(sha256Bytes, {
    name: origin,
    publicKey: rawPublicKey(key),
    sign: message => sign(null, message, key),
  })
}

function rolledBack(why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_ROLLBACK', `The log contradicts what its signer has signed: ${why}.`, {
    cause,
    hint: 'The directory was rolled back or altered. Restore the newest copy, and run verify.',
  })
}
