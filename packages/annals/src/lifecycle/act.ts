import type { Catalog } from '../catalog/index.ts'
import type { PartPlace } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import type { Actor, Draft } from '../model/index.ts'
import type { Archive, ArchiveSpec } from './archive/archive.ts'

/** Tells how far a long act has come. */
export type Progress = (done: number, total: number) => void

/** What an act works with: the process that holds the log. */
export interface ActContext {
  readonly store: Store
  /** The catalog in force. */
  readonly catalog: Catalog
  /** Names this request for ever: the same request asked again, as after a crash, has the same name. */
  readonly request: string
  /** Who asked, if that is known: whatever the act records in the name of the log itself is recorded in theirs. */
  readonly actor?: Actor | undefined
  /** The time of the log, ms since the epoch: that of an entry recorded now. It never decreases, and does not believe a sudden jump. */
  now(): number
  /**
   * Records entries of the log itself; resolves when they are durable and a signed checkpoint covers them. A draft without `id`
   * gets one from the name of the request, so that an act that is done again records nothing twice.
   */
  record(drafts: readonly Draft[]): Promise<readonly { readonly id: string; readonly index: number }[]>
  /** Lets the recorder use no retired or punctured secret any more; resolves when all that it used is durable. */
  forgetKeys(): Promise<void>
  /** Everything recorded before is durable, and covered by a signed checkpoint. */
  flush(): Promise<void>
  /**
   * What was recorded before, and waits outside the log because it could not be stored in time, is in the log now.
   *
   * @throws AnnalsError ANNALS_TIMEOUT when it still cannot be stored
   */
  gather(): Promise<void>
  /** The newest signed checkpoint, over everything that was durable when this was asked; undefined for an empty log. */
  checkpoint(): Promise<Uint8Array | undefined>
  /** Has a time-stamping authority sign a hash of these bytes (RFC 3161); gives its token. @throws AnnalsError ANNALS_STORE, ANNALS_UNSUPPORTED */
  requestTimestamp(url: string, bytes: Uint8Array): Promise<Uint8Array>
  /** Opens an archive; whoever opens it closes it. @throws AnnalsError when it cannot be reached or may not be used */
  openArchive(spec: ArchiveSpec): Promise<Archive>
  /** Tells whoever has copies that the content of these parts must go. */
  erased(parts: readonly PartPlace[]): void
}

/**
 * Something that is done to a log as a whole, by the process that holds it. Request and result are JSON, so that another
 * process can ask for it. Adding one is one file, and one line in acts.ts.
 */
export interface Act<Request = unknown, Result = unknown> {
  readonly name: string
  /** Its request may say who asks, as `actor`. */
  readonly takesActor?: true
  /** Refuses a request that is not one. @throws AnnalsError ANNALS_INVALID with the path */
  check(request: unknown): Request
  perform(request: Request, context: ActContext, progress: Progress): Promise<Result>
}

/** Gives an act its types. */
export function defineAct<Request, Result>(act: Act<Request, Result>): Act<Request, Result> {
  return act
}
