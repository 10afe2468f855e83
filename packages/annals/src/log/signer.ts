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

/** Signs checkpoints of one log, and never two that contradict each other. */
export interface LogSigner {
  readonly origin: string
  /** Verifier key of the log, the text an auditor pins. */
  readonly vkey: string
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

/** Key material of a signer: two Ed25519 private keys. */
export interface SignerKeys {
  readonly log: KeyObject
  readonly cosigner: KeyObject
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

/** A signer whose keys are in this process; its memory is a port. */
export class LocalSigner implements LogSigner {
  readonly origin: string
  readonly vkey: string
  readonly cosignerVkey: string
  readonly #memory: SignerMemory
  readonly #signers: readonly NoteSigner[]
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
    const logKey = rawPublicKey(keys.log)
    const cosignerKey = rawPublicKey(keys.cosigner)
    const cosignerName = `${origin}/cosigner`
    this.vkey = formatVerifierKey(sha256Bytes, origin, TYPE_ED25519, logKey)
    this.cosignerVkey = formatVerifierKey(sha256Bytes, cosignerName, TYPE_COSIGNATURE, cosignerKey)
    this.#signers = [
      ed25519Signer(sha256Bytes, {
        name: origin,
        publicKey: logKey,
        sign: message => sign(null, message, keys.log),
      }),
      cosigner(sha256Bytes, {
        name: cosignerName,
        publicKey: cosignerKey,
        sign: message => sign(null, message, keys.cosigner),
        now: seconds,
      }),
    ]
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
    return signNote(formatCheckpoint({ origin: this.origin, size, root }), this.#signers)
  }
}

function rolledBack(why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_ROLLBACK', `The log contradicts what its signer has signed: ${why}.`, {
    cause,
    hint: 'The directory was rolled back or altered. Restore the newest copy, and run verify.',
  })
}
