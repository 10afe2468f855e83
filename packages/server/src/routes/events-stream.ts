import { AnnalsError } from 'annals/model'
import { z } from 'zod'
import { defineRoute } from '../http/route.ts'
import { openDelivery } from '../live/open-delivery.ts'
import { sendStream } from '../live/sse/send-stream.ts'
import { flagParameter, queryParameter, seekParameter, timeZoneParameter, wholeNumber } from './parameters.ts'

const parameters = z.strictObject({
  query: queryParameter,
  seek: seekParameter.optional().describe('First position, inclusive. Last-Event-ID goes before it.'),
  seekEnd: seekParameter.optional().describe('Last position, exclusive; a time may be ahead.'),
  limit: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().describe('Ends after so many events.'),
  includeLog: flagParameter.describe("Also the log's own events."),
  timeZone: timeZoneParameter,
})

/** Replays events, then sends what comes, as Server-Sent Events. */
export const streamEvents = defineRoute({
  id: 'streamEvents',
  method: 'GET',
  path: '/v1/events/stream',
  tag: 'live',
  summary: 'Replays events, then sends what comes, until the client goes',
  permission: 'tail',
  query: parameters,
  responses: {
    200: {
      description:
        'Server-Sent Events: `ready`, then messages with the position as id and the event as data, then `end`. See docs/guides/live.md.',
      type: 'text/event-stream',
    },
  },
  async handle({ query, headers, principal, reader, id }, context) {
    const { query: text, ...options } = query
    const last = headers['last-event-id']
    const seek = last === undefined ? options.seek : positionAfter(last)
    await context.reading.record(principal, 'stream', { query: text })
    const opened = await openDelivery(context.live, principal, reader, text, {
      ...options,
      seek,
      follow: true,
    })
    const { heartbeatSeconds, slowSeconds } = context.settings.live
    return {
      async takeOver(response, common) {
        using _ = opened.place
        const ending = await sendStream(
          response,
          {
            ...common,
            'content-type': 'text/event-stream',
            // Proxies must neither keep nor gather nor rewrite it.
            'cache-control': 'no-store, no-transform',
            'x-accel-buffering': 'no',
          },
          opened.delivery,
          {
            ready: { watermark: reader.size, requestId: id },
            heartbeatMs: heartbeatSeconds * 1_000,
            slowMs: slowSeconds * 1_000,
          },
        )
        if (ending.error !== undefined) throw ending.error
      },
    }
  },
})

/** The position after that of the last message that a client got. */
function positionAfter(last: string): number {
  if (/^\d{1,15}$/.test(last)) return Number(last) + 1
  throw new AnnalsError('ANNALS_INVALID', 'Last-Event-ID is the position of an event.', {
    path: 'Last-Event-ID',
    hint: 'Send the id of the last message, or none.',
  })
}
