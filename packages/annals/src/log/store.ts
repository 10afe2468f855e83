import type { Draft } from '../model/index.ts'
import type { SearchIndex } from '../query/search-index.ts'
import type { KeyStore } from './key-store.ts'
import type { LogStore } from './log-store.ts'
import type { LogSigner } from './signer.ts'

/** What a store promises beyond the contracts; its conformance run checks each. */
export interface StoreSupports {
  /** Everything is there again after `close` and a new opening. */
  readonly persistence: boolean
}

/** Calendar period of a chunk, UTC. */
export type Period = 'hour' | 'day' | 'month'

/** Identity of a log and of the recorder that writes it now. */
export interface LogIdentity {
  /** Name of the log in its checkpoints. */
  readonly origin: string
  /** Period after which a chunk ends, UTC. */
  readonly period: Period
  /** `16 hex/boot`: this recorder's source name, new at each opening for writing. */
  readonly source: string
}

/** An answer to one draft that another process left, as it is sent back. */
export type InboxAnswer =
  | { readonly id: string; readonly index: number; readonly duplicate?: true }
  | {
      readonly error: {
        readonly code: string
        readonly message: string
        readonly path?: string
        readonly hint?: string
      }
    }

/** Where other processes leave drafts for the one that holds the log. */
export interface StoreInbox {
  /** Serves requests from now on. */
  open(serve: (drafts: readonly Draft[]) => Promise<readonly InboxAnswer[]>): void
  /** Serves none any more; resolves when the last one has been answered. */
  close(): Promise<void>
}

/** A place that holds a log with its index and keys, opened for writing. */
export interface Store {
  readonly supports: StoreSupports
  readonly identity: LogIdentity
  readonly log: LogStore
  readonly search: SearchIndex
  readonly keys: KeyStore
  readonly signer: LogSigner
  /** Directory of the log, where it has one. */
  readonly dir?: string | undefined
  readonly inbox?: StoreInbox | undefined
  close(): Promise<void>
}
