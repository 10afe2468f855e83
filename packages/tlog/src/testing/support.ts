// What the tests share: node:crypto as the injected functions, frozen vectors, and readers over synthetic trees.
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  type Ed25519Sign,
  type Ed25519Verify,
  Frontier,
  type Hash,
  type HashReader,
  leafHash,
  nodeHash,
  type Sha256,
  splitStoredHashId,
  TlogError,
  type TlogErrorCode,
} from '../index.ts'

export const sha: Sha256 = data => new Uint8Array(hash('sha256', data, 'buffer'))

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'))
}

/** A file of spec/vectors. */
export function vectors<T>(name: string): T {
  const file = new URL(`../../../../spec/vectors/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

/** An Ed25519 key pair from its 32-byte seed. */
export function keyPair(seed: Uint8Array): { readonly publicKey: Uint8Array; readonly sign: Ed25519Sign } {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: message => new Uint8Array(sign(null, message, key)),
  }
}

export const ed25519Verify: Ed25519Verify = (publicKey, message, signature) => {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature)
}

/** Seeds of tests 1, 2 and 3 of RFC 8032 section 7.1. */
export const testSeeds: readonly [Uint8Array, Uint8Array, Uint8Array] = [
  unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
  unhex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  unhex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7'),
]

/** All stored hashes of the tree over these entries. */
export function storedHashes(entries: Iterable<Uint8Array>): {
  readonly stored: Hash[]
  readonly frontier: Frontier
} {
  const frontier = new Frontier(sha)
  const stored: Hash[] = []
  for (const entry of entries) stored.push(...frontier.append(leafHash(sha, entry)))
  return { stored, frontier }
}

/** Entries that differ: the decimal numbers from 0. */
export function numberedEntries(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => utf8(`entry ${i}`))
}

export function arrayReader(stored: readonly Hash[]): HashReader {
  return {
    readHashes: ids =>
      ids.map(id => {
        const found = stored[id]
        if (found === undefined) throw new Error(`no stored hash ${id}`)
        return found
      }),
  }
}

/** A tree of any size in which every leaf is the same, so that a level has one hash only. */
export class ConstantReader implements HashReader {
  readonly leaf: Hash = leafHash(sha, utf8('same'))
  readonly #levels: Hash[] = [this.leaf]

  readHashes(ids: readonly number[]): Hash[] {
    return ids.map(id => this.level(splitStoredHashId(id).level))
  }

  level(level: number): Hash {
    let last = this.#levels.at(-1) ?? this.leaf
    while (this.#levels.length <= level) {
      last = nodeHash(sha, last, last)
      this.#levels.push(last)
    }
    return this.#levels[level] ?? this.leaf
  }
}

/** The code of the TlogError that the action ends in, 'none' when it succeeds; any other error is passed on. */
export async function codeOf(action: () => unknown): Promise<TlogErrorCode | 'none'> {
  try {
    await action()
    return 'none'
  } catch (error) {
    if (error instanceof TlogError) return error.code
    throw error
  }
}

/** The shape of spec/vectors/tlog-notes.json. */
export interface NoteVectors {
  readonly go: {
    readonly seed: string
    readonly name: string
    readonly keyId: number
    readonly vkey: string
    readonly text: string
    readonly note: string
    readonly twice: string
    readonly enochRoot: string
  }
  readonly specNote: {
    readonly note: string
    readonly text: string
    readonly name: string
    readonly keyId: number
  }
  readonly specCheckpoint: {
    readonly note: string
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly time: number
    readonly cosignedMessage: string
  }
  readonly own: {
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly time: number
    readonly text: string
    readonly logVkey: string
    readonly witnessName: string
    readonly witnessVkey: string
    readonly unknownName: string
    readonly note: string
  }
}

/** Every copy of the bytes with one byte changed by one of the masks. */
export function* flips(bytes: Uint8Array, masks: readonly number[]): Generator<Uint8Array> {
  for (const [at, byte] of bytes.entries()) {
    for (const mask of masks) {
      const changed = bytes.slice()
      changed[at] = byte ^ mask
      yield changed
    }
  }
}
