import type { VerifyReport } from '../report.ts'
import type { ArchiveSecrets, LaterEntry } from './archive-source.ts'

/** Options of {@link verifyArchive}. A policy or a key is needed: an archive says nothing of whom to trust. */
export interface VerifyArchiveOptions {
  /** Text of a C2SP tlog-policy file. Goes before `vkey`. */
  readonly policyText?: string | undefined
  /** Verifier key of the log. */
  readonly vkey?: string | undefined
  /** In front of all names. @defaultValue none */
  readonly prefix?: string | undefined
  /** A checkpoint kept from earlier: the entries must lead to it where they reach it. */
  readonly against?: Uint8Array | undefined
  /** Skip the parts; their objects are still held against the manifest. */
  readonly entriesOnly?: boolean | undefined
  /** Opens parts, and with them what authorises that some are gone. */
  readonly secrets?: ArchiveSecrets | undefined
  /** Entries of the log itself beyond what is archived; looked at only with `secrets`. */
  readonly later?: AsyncIterable<LaterEntry> | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** What {@link verifyArchive} says. */
export interface VerifyArchiveReport extends VerifyReport {
  /** Chunks that were found, by position. */
  readonly chunks: readonly {
    readonly lo: number
    readonly hi: number
    readonly period: string
    readonly path: string
  }[]
}
