import type { Catalog } from '../catalog/index.ts'
import type { SequencerLimits } from '../log/sequencer-limits.ts'
import { guarded } from '../record/guarded.ts'
import { openSpool, type SpoolOptions } from '../record/spool/open-spool.ts'
import type { Trail } from '../trail/trail.ts'
import { HttpClient, type TokenSource } from './http-client.ts'
import { RemoteTrail as Implementation } from './remote-trail.ts'

/** Options of {@link openRemote}. */
export interface RemoteOptions<C extends Catalog = Catalog> {
  /** Address of the server, such as `https://audit.example.com`. */
  readonly url: string | URL
  /** API key or other bearer token, or what gives a fresh one; that is asked before each request. */
  readonly token: TokenSource
  /** Event types: drafts are checked against them before they are sent. @defaultValue none, the server's alone count */
  readonly catalog?: C | undefined
  /**
   * Directory in which events are kept, durable, while the server cannot be reached; they are sent in order and once, also by a later
   * run. Absent, recording rejects instead, and the action must not happen.
   */
  readonly spool?: string | SpoolOptions | undefined
  /** Bounds on waiting. @defaultValue 65,536 events, 128 MiB, 5 s */
  readonly waiting?: Partial<SequencerLimits> | undefined
  /** Milliseconds in which further events are gathered into one request. @defaultValue 0: those of one go */
  readonly lingerMs?: number | undefined
  /** Failures that no caller waits for: a server that is away while events are spooled, a spooled event that it refuses. @defaultValue a process warning */
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
 * @throws TypeError for an address that is none; AnnalsError ANNALS_LOCKED when another process uses the spool, ANNALS_STORE
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
  const { url, token, catalog, waiting, lingerMs = 0, onError } = options
  if (typeof token !== 'function' && (typeof token !== 'string' || token === ''))
    throw new TypeError('openRemote needs a token')
  if (!(lingerMs >= 0 && lingerMs <= 60_000)) throw new TypeError(`lingerMs ${lingerMs}: from 0 to 60000`)
  const client = new HttpClient(url, token)
  const report = guarded(onError)
  const spool = options.spool === undefined ? undefined : await openSpool(options.spool)
  const trail = new Implementation({ client, catalog, spool, waiting, lingerMs, report })
  return trail as unknown as RemoteTrail<C>
}
