import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEvent } from 'annals'
import { openRemote } from 'annals/remote'
import { RpcClient } from '../../packages/server/src/testing/rpc-client.ts'
import { SseClient } from '../../packages/server/src/testing/sse-client.ts'

/** What is followed, and until when. */
export interface Followed {
  readonly url: string
  readonly key: string
  readonly query: string
  readonly signal: AbortSignal
}

/** Takes each event as it comes. */
type Take = (event: AuditEvent) => void

/** Milliseconds until a client that was cut off comes back. */
const RETRY_MS = 30

/** Someone who follows the log, and comes back when the server is away. */
export class Subscriber {
  readonly name: string
  readonly seen: AuditEvent[] = []
  /** Settles when its signal ends it. */
  readonly done: Promise<void>

  constructor(name: string, follow: (followed: Followed, take: Take) => Promise<void>, followed: Followed) {
    this.name = name
    this.done = follow(followed, event => this.seen.push(event))
  }
}

/** Resumes by itself. */
export async function followRemotely({ url, key, query, signal }: Followed, take: Take): Promise<void> {
  await using trail = await openRemote({ url, token: key })
  for await (const event of trail.events(query, { follow: true, signal })) take(event)
}

/** Server-Sent Events, resumed by `Last-Event-ID`. */
export async function followSse(followed: Followed, take: Take): Promise<void> {
  await followInTurns(followed, take, () => Number.POSITIVE_INFINITY)
}

/** The same, by a client that also goes away by itself, in the midst of what comes. */
export async function followRestlessly(followed: Followed, take: Take): Promise<void> {
  await followInTurns(followed, take, () => 1 + Math.floor(Math.random() * 400))
}

async function followInTurns(
  { url, key, query, signal }: Followed,
  take: Take,
  most: () => number,
): Promise<void> {
  const address = new URL('/v1/events/stream', url)
  address.searchParams.set('query', query)
  let last: string | undefined
  await untilAborted(signal, async () => {
    await using client = await SseClient.open(
      address,
      key,
      last === undefined ? {} : { 'Last-Event-ID': last },
    )
    const { status } = client.response
    if (status !== 200 && status !== 503) throw new Error(`status ${status}`)
    using _ = onAbort(signal, () => client.close())
    for (let left = most(); left > 0; ) {
      const message = await client.next()
      if (message === undefined) return
      if (message.event !== 'message') continue
      take(JSON.parse(message.data) as AuditEvent)
      last = message.id
      left -= 1
    }
  })
}

/** JSON-RPC over a WebSocket, resumed by `seek`. */
export async function followRpc({ url, key, query, signal }: Followed, take: Take): Promise<void> {
  let seek = 0
  await untilAborted(signal, async () => {
    await using client = await RpcClient.open(url, key)
    using _ = onAbort(signal, () => client.socket.terminate())
    const answer = await Promise.race([client.call('events.subscribe', { query, seek }), client.closed])
    if (!('subscription' in answer)) return
    for (;;) {
      const message = await client.notification(answer['subscription'])
      if (message?.method !== 'events.event') return
      const event = message.params?.['event'] as AuditEvent
      take(event)
      seek = event.index + 1
    }
  })
}

/** Connects again and again, whatever breaks a connection; what else goes wrong is thrown. */
async function untilAborted(signal: AbortSignal, connection: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await connection()
    } catch (error) {
      if (!signal.aborted && !isBroken(error)) throw error
    }
    await delay(RETRY_MS)
  }
}

/** A server that is not there, ends while it is asked, or is only starting. */
function isBroken(error: unknown): boolean {
  const { code, message, cause } = error as Error & { readonly code?: unknown }
  const codes: readonly unknown[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']
  return codes.includes(code) || message === 'status 503' || (cause !== undefined && isBroken(cause))
}

function onAbort(signal: AbortSignal, end: () => void): Disposable {
  signal.addEventListener('abort', end)
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', end) }
}
