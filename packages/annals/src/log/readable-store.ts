import type { Tile } from '@annals/tlog'
import type { SearchIndex } from '../query/search-index.ts'
import type { Positioned } from './log-store.ts'

/** A log as a reader holds it: also beside a writer in another process. */
export interface ReadableStore {
  /** Name of the log in its checkpoints. */
  readonly origin: string
  /** Verifier key that the log states for itself. */
  readonly vkey: string
  readonly search: SearchIndex
  /** Entries that can be read now. */
  size(): number
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  hashes(tile: Tile): Promise<Uint8Array>
  /** Latest published checkpoint. */
  checkpoint(): Promise<Uint8Array | undefined>
  close(): Promise<void>
}
