import { createSecretKey, randomBytes } from 'node:crypto'
import type { Catalog } from '../catalog/index.ts'
import type { SequencerLimits } from '../log/sequencer-limits.ts'
import { asksForHashes, Masker, type Policy } from '../policy/index.ts'
import { guarded } from '../record/guarded.ts'
import { openSpool, type SpoolOptions } from '../record/spool/open-spool.ts'
import { requireSpool, waitingUnder } from '../record/waiting-under.ts'
import type { Trail } from '../trail/trail.ts'
import { HttpClient, type TokenSource } from './http-client.ts'
import { RemoteTrail as Implementation, type RemoteTrailParts } from './remote-trail.ts'

const HASH_KEY_BYTES = 32

/** Options of {@link openRemote}. */
export interface RemoteOptions<C extends Catalog = Catalog> {
  /** Address of the server, such as `https://audit.example.com`. */
  readonly url: string | URL
  /** API key or other bearer token, or what gives a fresh one; that is asked before each request. */
  readonly token: TokenSource
  /** Event types: drafts are checked against them before they are sent. @defaultValue none, the server's alone count */
  readonly catalog?: C | undefined
  /**
   * Says what is recorded, how and how safely, and what is masked (`annals/policy`), before anything leaves this process or is spooled.
   * @defaultValue everything is recorded as it is given
   */
  readonly capture?: Policy | undefined
  /**
   * Key of the hashes that take the place of values, 32 bytes; needed by a policy that hashes. Who has the same key makes the same hashes.
   * @defaultValue one of this run, for session ids alone
   */
  readonly hashKey?: Uint8Array | undefined
  /**
   * Directory in which events are kept, durable, while the server cannot be reached; they are sent in order and once, also by a later
   * run. Absent, recording rejects instead, and the action must not happen. Under a policy only events of rules that spool are kept.
   */
  readonly spool?: string | SpoolOptions | undefined
  /** Bounds on waiting. @defaultValue 65,536 events, 128 MiB, 5 s */
  readonly waiting?: Partial<SequencerLimits> | undefined
  /** Milliseconds in which further events are gathered into one request. @defaultValue 0: those of one go */
  readonly lingerMs?: number | undefined
  /**
   * Failures that no caller waits for: a server that is away while events are spooled, a spooled event that it refuses, how many
   * events a policy has let drop. @defaultValue a process warning
   */
  readonly onError?: ((error: Error) => void) | undefined
}

/** A trail that a server keeps. */
export interface RemoteTrail<C extends Catalog = Catalog> extends Trail<C> {
  /** Bytes of the events that wait in the spool of this machine. */
  readonly spooledBytes: number
}

/**
 * Opens a trail over HTTP. Nothing is asked of the server yet, so it may be away.
 *
 * @throws TypeError for an address that is none, and for a policy that hashes without a key; AnnalsError ANNALS_UNSUPPORTED for a policy
 * that spools without a spool, ANNALS_LOCKED when another process uses the spool, ANNALS_STORE
 * @example
 * ```ts
 * const trail = await openRemote({ url: 'https://audit.example.com', token: process.env.ANNALS_TOKEN, spool: './annals-spool' })
 * await trail.record('machine.delete', { targets: [{ type: 'machine', id: 'web-3' }] })
 * await trail.close()
 * ```
 */
export async function openRemote<const C extends Catalog = Catalog>(
  options: RemoteOptions<C>,
): Promise<RemoteTrail<C>> {
  const { url, token, catalog, lingerMs = 0, onError } = options
  if (typeof token !== 'function' && (typeof token !== 'string' || token === ''))
    throw new TypeError('openRemote needs a token')
  if (!(lingerMs >= 0 && lingerMs <= 60_000)) throw new TypeError(`lingerMs ${lingerMs}: from 0 to 60000`)
  const capture = captureOf(options)
  requireSpool(options.capture, options.spool)
  const waiting = waitingUnder(options.capture, options.waiting)
  const client = new HttpClient(url, token)
  const report = guarded(onError)
  const spool = options.spool === undefined ? undefined : await openSpool(options.spool)
  const trail = new Implementation({ client, catalog, capture, spool, waiting, lingerMs, report })
  return trail as unknown as RemoteTrail<C>
}

/** @throws TypeError for a key that is none, or is missing */
function captureOf({ capture: policy, hashKey }: RemoteOptions): RemoteTrailParts['capture'] {
  if (hashKey !== undefined && !(hashKey instanceof Uint8Array && hashKey.length === HASH_KEY_BYTES))
    throw new TypeError(`hashKey: needs ${HASH_KEY_BYTES} bytes`)
  if (policy === undefined) return undefined
  if (hashKey === undefined && asksForHashes(policy.mask)) {
    throw new TypeError(
      `openRemote needs a hashKey: the policy hashes values. Make one with crypto.randomBytes(${HASH_KEY_BYTES}), keep it secret, and give it to every client whose hashes are to be equal.`,
    )
  }
  const secret = createSecretKey(hashKey ?? randomBytes(HASH_KEY_BYTES))
  return { policy, masker: new Masker(policy.mask, secret) }
}
