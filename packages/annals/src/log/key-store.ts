import type { Digest } from './digest.ts'
import type { KeyRef } from './record-bytes.ts'

/** A person whose content must be erasable: an actor, target or pointer of a person type. */
export interface Person {
  readonly type: string
  readonly id: string
}

/** A subject key: the reference kept beside parts, and the 32-byte key itself. */
export interface SubjectKey extends KeyRef {
  readonly key: Digest
}

/**
 * The only secrets behind salts and archive keys. A seed or key is durable before it is returned: no entry may be written
 * under a key that a crash could lose.
 */
export interface KeyStore {
  /** Keys the log's HMACs (idempotency, person tags): 32 bytes, made once. */
  readonly pepper: Uint8Array
  /** Seeds of a chunk for these retention classes, made where missing. */
  chunkSeeds(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, Digest>>
  /** Keys of these persons in their order; a new person gets one from the durable pool. */
  subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]>
}

/** What a verifier may ask: it never makes a key. */
export interface KeyReader {
  chunkSeed(chunk: number, retention: string): Digest | undefined
  subjectKey(id: string): Digest | undefined
}
