import type { Tile } from '@annals/tlog'
import type { SearchIndex } from '../query/search-index.ts'
import type { KeyStore } from './key-store.ts'
import type { Positioned } from './log-store.ts'
import type { DerivedBytes } from './store.ts'

/** Where the secrets behind salts are looked up, to disclose parts; none is ever made. */
export interface DisclosedSecrets extends Pick<KeyStore, 'secrets' | 'subjectsById'> {
  /** First position of the chunk that a position is in. */
  chunkOf(index: number): Promise<number>
  close(): void
}

/** A log as a reader holds it: also beside a writer in another process. */
export interface ReadableStore {
  /** Name of the log in its checkpoints. */
  readonly origin: string
  /** Verifier key that the log states for itself. */
  readonly vkey: string
  readonly search: SearchIndex
  /** Entries that can be read now. */
  size(): number
  /** Changes when content was erased: what was read before must be forgotten. */
  erasures(): unknown
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  hashes(tile: Tile): Promise<Uint8Array>
  /**
   * The secrets behind salts, for a reader who may see the keys; whoever asks closes them.
   *
   * @throws AnnalsError ANNALS_KEYS when the keys are not there or may not be read
   */
  secrets(): Promise<DisclosedSecrets>
  /** What keys the log's HMACs; undefined for a reader who may not see the keys, and where there is none. */
  pepper(): Promise<Uint8Array | undefined>
  /** What a writer has derived from the log and kept. */
  readonly derived: Pick<DerivedBytes, 'load'>
  /** Latest published checkpoint. */
  checkpoint(): Promise<Uint8Array | undefined>
  close(): Promise<void>
}
