import type { Digest } from './digest.ts'
import type { GgmNode } from './ggm.ts'
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

/** Secrets of one class in one chunk as they were when asked for. What was punctured or destroyed is undefined, for ever. */
export interface ClassSecrets {
  /** `g` of the entry at `lo + offset`: what its nonce derives from. */
  leaf(offset: number): Digest | undefined
  /** `e` of a part of that entry; kept where only other parts of it were removed. */
  partSeed(offset: number, name: string): Digest | undefined
}

/** Parts of one entry to be removed from the secrets of its class. */
export interface Puncture {
  readonly offset: number
  /** Names of the parts of the entry whose secrets stay. */
  readonly kept: readonly string[]
}

/** The key-encryption key of a key store. */
export interface KeyEncryptionKey {
  /** Its id, 16 hex digits; since when everything is wrapped with it; and whether it is a file that the store can replace. */
  state(): Promise<{ readonly id: string; readonly since: string; readonly file: boolean }>
  /**
   * Wraps everything with a new key, and destroys the old one; `progress` counts chunks. Cut short by a crash, it is finished
   * at the next opening.
   *
   * @returns the id of the new key
   * @throws AnnalsError ANNALS_KEYS when the key is not the store's to change
   */
  rotate(progress: (done: number, total: number) => void): Promise<string>
}

/**
 * The only secrets behind salts and archive keys. A seed or key is durable before it is returned: no entry may be written
 * under a key that a crash could lose.
 */
export interface KeyStore {
  /** Keys the log's HMACs (idempotency, person tags): 32 bytes, made once. */
  readonly pepper: Uint8Array
  /**
   * Seeds of a chunk for these retention classes, made where missing: one node each, or several once they were punctured.
   * Nothing for a class that was destroyed.
   */
  chunkSeeds(chunk: number, classes: readonly string[]): Promise<ReadonlyMap<string, readonly GgmNode[]>>
  /** Keys of these persons in their order; a new person gets one from the durable pool. */
  subjectKeys(persons: readonly Person[]): Promise<readonly SubjectKey[]>
  /** Secrets of a class in a chunk; undefined when there are none or they were destroyed. Never makes any. */
  secrets(chunk: number, retention: string): Promise<ClassSecrets | undefined>
  /** The key of a person who has one. Never makes one. */
  subject(person: Person): Promise<SubjectKey | undefined>
  /** Ids of every key that is or was this person's and still exists, in whatever order. Never makes one. */
  subjectIds(person: Person): Promise<readonly string[]>
  /** From now on these persons get fresh keys; the old ones stay, without an owner, until they are destroyed. */
  retire(persons: readonly Person[]): Promise<void>
  /** The tag of a person, 16 bytes in latin1, whether they have a key or not. */
  tagOf(person: Person): string
  /** Subject keys and their tags by id, where they still exist. */
  subjectsById(ids: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>>
  /**
   * Removes entries, or single parts of them, from the secrets of a class. When it resolves nobody can derive them again from
   * what this store holds. Again, it does nothing.
   */
  puncture(chunk: number, retention: string, punctures: readonly Puncture[]): Promise<void>
  /** Destroys the secrets of a class in a chunk, but for the entries at these offsets. Again, it does nothing. */
  destroyClass(chunk: number, retention: string, except: readonly number[]): Promise<void>
  /** Destroys subject keys by id, with whose they are. Unknown ids are nothing to do. */
  destroySubjects(ids: readonly string[]): Promise<void>
  /** Authorities (entries that order deletion) below this position have been carried out on these keys. */
  applied(): Promise<number>
  setApplied(position: number): Promise<void>
  /** The key that everything kept is wrapped with; absent in a store that has no such key of its own. */
  readonly kek?: KeyEncryptionKey | undefined
}
