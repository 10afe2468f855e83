/**
 * Why a live stream ended. `end` everything stored was given, and it does not follow; `limit` and `seekEnd` it has given all that was asked
 * for; `slow` the client did not take what was sent; `stopping` the server or the log closes; `expired` and `revoked` the credential
 * ended; `failed` the log could not be read; `cancelled` the client ended it, and is told nothing.
 */
export type EndReason =
  | 'end'
  | 'limit'
  | 'seekEnd'
  | 'slow'
  | 'stopping'
  | 'expired'
  | 'revoked'
  | 'failed'
  | 'cancelled'

/** Every reason that a client can be told. */
export const TOLD_REASONS = [
  'end',
  'limit',
  'seekEnd',
  'slow',
  'stopping',
  'expired',
  'revoked',
  'failed',
] as const satisfies readonly EndReason[]
