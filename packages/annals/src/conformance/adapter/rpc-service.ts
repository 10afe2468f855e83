import type { ServiceOptions } from './service.ts'

/** What a call came to. */
export interface RpcAnswer {
  /** Status code of gRPC. */
  readonly code: number
  readonly message?: string | undefined
  /** Messages of the answer. */
  readonly messages: readonly unknown[]
  /** Of the answer's metadata or headers. */
  readonly correlationId: string | undefined
}

/** How a law calls. */
export interface RpcAsked {
  readonly method: 'Register' | 'Fail' | 'Refuse' | 'Hang' | 'Find' | 'Upload' | 'Watch' | 'Chat'
  /** One for a call that does not stream its requests. @defaultValue one empty message */
  readonly messages?: readonly object[]
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * The service `tried.v1.BootService` that an adapter is tried with, and a client of it. Messages are JSON objects. Each method calls
 * `ran` with its name first:
 *
 * - `Register` adds `ADDED` to its audit, records `disk.wipe` in the trail, answers `{ correlationId }` of its audit
 * - `Find` answers `{}`, `Fail` throws an Error whose message is `FAILURE`, `Hang` never answers, `Refuse` answers PERMISSION_DENIED `no entry`
 * - `Upload` is sent a stream and answers `{ count }`
 * - `Watch` is sent one message and answers with three, recording `disk.wipe` before the last
 * - `Chat` answers each message with itself
 */
export interface TriedRpc {
  call(asked: RpcAsked): Promise<RpcAnswer>
  close(): Promise<void>
}

/** Starts the tried service on an adapter. */
export type ServeRpc = (options: ServiceOptions) => Promise<TriedRpc>
