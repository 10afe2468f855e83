import type { NoteVerifier } from '@annals/tlog'

/** Whom an auditor trusts: keys of the log, witnesses, and how many of them must have signed. */
export interface TrustPolicy {
  /** Verifiers of the log's keys. */
  readonly logs: readonly NoteVerifier[]
  /** Names of the log's keys, which are the origins it may have. */
  readonly origins: readonly string[]
  readonly witnesses: readonly NoteVerifier[]
  /** Witnesses that the policy gives an address for: whoever signs checkpoints asks them to cosign. */
  readonly asked: readonly { readonly verifier: NoteVerifier; readonly url: string }[]
  /** Whether cosignatures by the keys with these `name+id` are enough. */
  readonly quorum: (signed: ReadonlySet<string>) => boolean
}

/** Name of a key as quorums refer to it. */
export function keyName(key: { readonly name: string; readonly keyId: number }): string {
  return `${key.name}+${key.keyId}`
}
