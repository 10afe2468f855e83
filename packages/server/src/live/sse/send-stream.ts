import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Delivery, Ending } from '../delivery.ts'
import { endingOf } from '../ending-of.ts'
import { heartbeatMessage, namedMessage } from './message.ts'
import { SseOutlet } from './sse-outlet.ts'

/** How long a client has to take the end of a stream, milliseconds. */
const GRACE_MS = 2_000
/** Bounds of the time after which a client should come back, milliseconds: a thousand must not come back at once. */
const RETRY_MS: readonly [number, number] = [1_000, 3_000]

/** What a stream is sent with. */
export interface SendOptions {
  /** First message of the stream. */
  readonly ready: object
  readonly heartbeatMs: number
  readonly slowMs: number
}

/** Sends a delivery as Server-Sent Events (WHATWG HTML, section 9.2) until it ends or the client goes. Never rejects. */
export async function sendStream(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  delivery: Delivery,
  options: SendOptions,
): Promise<Ending> {
  const outlet = new SseOutlet(response, options.slowMs, {
    onDrained: () => delivery.drained(),
    onSlow: () => delivery.end('slow'),
  })
  const cancel = (): void => delivery.end('cancelled')
  response.once('close', cancel)
  response.on('error', cancel)
  if (response.destroyed) cancel()
  else {
    response.writeHead(200, headers)
    outlet.write(`retry: ${retryMs()}\n${namedMessage('ready', options.ready)}`)
  }
  const heart = setInterval(() => {
    if (outlet.takeIdle() && !outlet.full) outlet.write(heartbeatMessage(delivery.position))
  }, options.heartbeatMs)
  const ending = await delivery.run(outlet)
  clearInterval(heart)
  outlet.close()
  await finish(response, ending)
  return ending
}

async function finish(response: ServerResponse, ending: Ending): Promise<void> {
  if (response.destroyed) return
  await new Promise<void>(resolve => {
    const timer = setTimeout(() => response.destroy(), GRACE_MS)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    response.end(namedMessage('end', endingOf(ending)))
  })
}

function retryMs(): number {
  const [least, most] = RETRY_MS
  return Math.round(least + Math.random() * (most - least))
}
