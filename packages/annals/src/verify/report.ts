/** One finding of `verify`; E_ codes are failures, W_ codes information. */
export interface Finding {
  readonly code: string
  /** Position concerned, where there is one. */
  readonly index?: number
  readonly message: string
}

/** What `verify` says. */
export interface VerifyReport {
  /** No E_ finding. */
  readonly ok: boolean
  /** Entries in the log. */
  readonly size: number
  /** Root hash over them, base64; empty when some entry could not be read. */
  readonly root: string
  /** Events whose entry and parts were checked. */
  readonly checked: number
  /** Parts that were lawfully erased. */
  readonly erased: number
  /** Entries of which retention left the leaf hash only, with authority. */
  readonly expired?: number
  readonly findings: readonly Finding[]
  /** What the result does and does not prove, one sentence. */
  readonly claim: string
}

/** Checks a time stamp: gives its time and who made it. */
export type TokenCheck = (
  token: Uint8Array,
  text: Uint8Array,
) => Promise<{ readonly time: Date; readonly by: string }>

/** Options of `verify`. */
export interface VerifyOptions {
  /** Verifier key (vkey) to trust; absent, the directory's own is used and the claim says so. */
  readonly vkey?: string | undefined
  /** A checkpoint kept from earlier: the log must extend it. */
  readonly against?: Uint8Array | undefined
  /** Skip the parts. */
  readonly entriesOnly?: boolean | undefined
  /** Also the canonical form of parts, and the search index. */
  readonly deep?: boolean | undefined
  /**
   * By how much the clocks of the log and of those who cosign its checkpoints may differ, ms.
   *
   * @defaultValue 600,000
   */
  readonly skewMs?: number | undefined
  /** Checks an RFC 3161 token over the text of a kept checkpoint, and rejects when it does not hold. Absent, tokens are not looked at. */
  readonly checkToken?: TokenCheck | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}
