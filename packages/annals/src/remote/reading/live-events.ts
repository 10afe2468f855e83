import { AnnalsError, type AuditEvent, ERROR_CODES, type ErrorCode } from '../../model/index.ts'
import { backoffMs, pause } from '../../record/backoff.ts'
import type { HttpClient } from '../http-client.ts'
import { isObject, RemoteError } from '../remote-error.ts'
import { type SseMessage, SseParser } from './sse.ts'

/** What is followed. */
export interface Following {
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  /** Most events. */
  readonly limit: number
}

/** A stream that has been silent for so long is taken for dead, milliseconds. Servers send a sign of life every 15 seconds. */
const SILENCE_MS = 90_000
/** How often in a row a server may fail to read its log. */
const MOST_FAILURES = 5

/** How a connection ended, and where the next one goes on. */
interface Ended {
  readonly reason: string
  readonly code: unknown
}

/**
 * Follows the events of a server over Server-Sent Events. A connection that breaks is made anew, and goes on after the last event: none
 * is missing, none comes twice.
 *
 * @throws AnnalsError when the server refuses, and not when it cannot be reached: that may pass
 */
export async function* followEvents(
  client: HttpClient,
  { query, limit }: Following,
  signal: AbortSignal,
): AsyncGenerator<readonly AuditEvent[], void, undefined> {
  const place = { next: undefined as number | undefined, given: 0 }
  let failures = 0
  for (let tries = 0; place.given < limit && !signal.aborted; ) {
    const before = place.next
    let wait: number | undefined
    try {
      const asked = {
        ...query,
        seek: place.next ?? query['seek'],
        limit: Number.isFinite(limit) ? limit - place.given : undefined,
      }
      const ended = yield* connection(client, asked, place, signal)
      if (ended?.reason === 'limit' || ended?.reason === 'seekEnd') return
      if (ended?.reason === 'failed' && ++failures >= MOST_FAILURES) throw failed(ended.code)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof RemoteError) || !error.transient) throw error
      wait = error.retryAfterMs
    }
    if (place.next !== before) {
      tries = 0
      failures = 0
    }
    tries += 1
    await pause(backoffMs(tries, wait), signal)
  }
}

/** One connection; returns how the server ended it, if it did. */
async function* connection(
  client: HttpClient,
  query: Following['query'],
  place: { next: number | undefined; given: number },
  signal: AbortSignal,
): AsyncGenerator<readonly AuditEvent[], Ended | undefined, undefined> {
  const headers = { Accept: 'text/event-stream' }
  await using stream = await client.open({ path: '/v1/events/stream', query, headers, signal })
  const parser = new SseParser()
  const decoder = new TextDecoder()
  for (;;) {
    const piece = await stream.read(SILENCE_MS)
    if (piece === undefined) return undefined
    const events: AuditEvent[] = []
    let ended: Ended | undefined
    for (const message of parser.push(decoder.decode(piece, { stream: true }))) {
      const event = eventIn(message)
      if (event !== undefined) {
        events.push(event)
        place.next = event.index + 1
        place.given += 1
      }
      // Below it everything was looked at: what comes after a break need not be read again.
      place.next = watermarkIn(message) ?? place.next
      ended = endIn(message) ?? ended
    }
    if (events.length > 0) yield events
    if (ended !== undefined) return ended
  }
}

function eventIn({ event, data, comment }: SseMessage): AuditEvent | undefined {
  if (comment !== undefined || event !== '') return undefined
  return JSON.parse(data) as AuditEvent
}

function watermarkIn({ comment }: SseMessage): number | undefined {
  const position = comment === undefined ? undefined : /^heartbeat (\d{1,16})$/.exec(comment)?.[1]
  return position === undefined ? undefined : Number(position)
}

function endIn({ event, data }: SseMessage): Ended | undefined {
  if (event !== 'end') return undefined
  const value: unknown = JSON.parse(data)
  return isObject(value)
    ? { reason: String(value['reason']), code: value['code'] }
    : { reason: '', code: undefined }
}

function failed(code: unknown): AnnalsError {
  const known =
    typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ANNALS_STORE'
  return new AnnalsError(known, 'The server cannot read its log.', {
    hint: 'Its operator finds the cause in its log.',
  })
}
