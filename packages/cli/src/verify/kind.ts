import type { DisclosedEvent, VerifyReport } from 'annals'
import type { Trust } from '../flags/trust.ts'

/** What `annals verify` was asked. */
export interface VerifyRequest {
  /** What is to be verified: a file or a directory. */
  readonly path: string
  readonly trust: Trust
  /** A checkpoint kept from earlier. */
  readonly against?: Uint8Array | undefined
  readonly entriesOnly?: boolean | undefined
  readonly deep?: boolean | undefined
  /** Minutes by which the clocks of the log and of its witnesses may differ. */
  readonly skewMinutes?: number | undefined
  /** PEM of time-stamping authorities to trust; only a log has time stamps. */
  readonly tsaRoots?: string | undefined
  readonly onProgress: (done: number, total: number) => void
}

/** What the check of anything says; of a receipt also the event as far as it is disclosed. */
export type Verified = VerifyReport & { readonly event?: DisclosedEvent }

/** Something that can be verified by itself. */
export interface Verifiable {
  /** What it is, in a word for messages. */
  readonly what: string
  /** Whether this lies at the path. Looks, and believes nothing. */
  recognises(path: string): Promise<boolean>
  verify(request: VerifyRequest): Promise<Verified>
}
