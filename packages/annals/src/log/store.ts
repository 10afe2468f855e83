import type { Draft, Durability } from '../model/index.ts'
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

/** A refusal as it is sent back to another process. */
export interface InboxError {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly path?: string
    readonly hint?: string
  }
}

/** An answer to one draft that another process left, as it is sent back. */
export type InboxAnswer =
  | {
      readonly id: string
      readonly index: number
      readonly duplicate?: true
      /** Where it is another than `stored`, and the rule by which the event is not recorded. */
      readonly level?: Durability | 'none' | 'dropped'
      readonly rule?: string
      /** Left out because recording is paused. */
      readonly paused?: true
    }
  | InboxError

/** What the process that holds a log does for others. Neither may reject. */
export interface InboxService {
  /** Records drafts. */
  drafts(drafts: readonly Draft[]): Promise<readonly InboxAnswer[]>
  /** Performs an act (lifecycle/act.ts). `request` names it: asked again after a crash, the same. */
  act(
    name: string,
    argument: unknown,
    request: string,
    progress: (done: number, total: number) => void,
  ): Promise<{ readonly result: unknown } | InboxError>
}

/** Where other processes leave requests for the one that holds the log. */
export interface StoreInbox {
  /** Serves requests from now on. */
  open(service: InboxService): void
  /** Serves none any more; resolves when the last one has been answered. */
  close(): Promise<void>
}

/**
 * Keeps what is derived from a log and can be made again, by name (`[a-z]+`): written as a whole, and not durable before the operating
 * system sees to it. A crash leaves the old content, the new, or damage.
 */
export interface DerivedBytes {
  load(name: string): Promise<Uint8Array | undefined>
  save(name: string, bytes: Uint8Array): Promise<void>
}

/** A place that holds a log with its index and keys, opened for writing. */
export interface Store {
  readonly supports: StoreSupports
  readonly identity: LogIdentity
  readonly log: LogStore
  readonly search: SearchIndex
  readonly keys: KeyStore
  readonly signer: LogSigner
  /** What the operator should know of the store at its opening, in sentences. */
  readonly notices?: readonly string[] | undefined
  /** Directory of the log, where it has one. */
  readonly dir?: string | undefined
  readonly inbox?: StoreInbox | undefined
  /** There when the store persists; absent, what is derived lives as long as the process. */
  readonly derived?: DerivedBytes | undefined
  /** Changes when content has gone from the store: whoever has read ahead reads again. */
  erasures(): unknown
  /** Authorities (entries that order deletion) below this position have been carried out on the content. */
  applied(): Promise<number>
  /** Durable when it resolves; a smaller position changes nothing. */
  setApplied(position: number): Promise<void>
  close(): Promise<void>
}
