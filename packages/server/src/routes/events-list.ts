import type { AuditEvent, Found } from 'annals'
import { cloudEventOf } from 'annals/formats/cloudevents'
import { parseQuery } from 'annals/query'
import { z } from 'zod'
import { answeredByPage } from '../gaps/answered.ts'
import { acceptedOf } from '../http/accepted.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { eventSchema } from './event-schema.ts'
import {
  askedParameters,
  flagParameter,
  orderParameter,
  seekParameter,
  wholeNumber,
  withDefault,
} from './parameters.ts'

const JSON_TYPE = 'application/json'
const NDJSON = 'application/x-ndjson'
const CLOUD_EVENTS = 'application/cloudevents-batch+json'

const parameters = z.strictObject({
  ...askedParameters,
  seek: seekParameter.optional().describe('First position, inclusive.'),
  seekEnd: seekParameter.optional().describe('Last position, exclusive.'),
  at: seekParameter
    .optional()
    .describe(
      'Where the page begins, instead of `cursor`: an event, or a time by occurredAt. Pages go on both ways.',
    ),
  order: orderParameter.optional().describe('By position. Newest first unless told.'),
  limit: withDefault(wholeNumber(0, 1000), 50),
  cursor: z.string().max(512).optional().describe('`next` or `previous` of another page of the same query.'),
  describe: flagParameter.describe('Also a sentence for each event, in `sentences`, in the same order.'),
})

/** One page of events. */
export const listEvents: Route = defineRoute({
  id: 'listEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'events',
  summary: 'One page of events, newest first unless told',
  permission: 'read',
  query: parameters,
  responses: {
    200: {
      description: `A page, and the cursors of those beside it. With \`Accept: ${NDJSON}\` an event a line, with \`${CLOUD_EVENTS}\` CloudEvents 1.0: the cursors are then in the headers Annals-Next and Annals-Previous.`,
      schema: answerSchema({
        events: z.array(eventSchema),
        sentences: z.array(z.string()).optional(),
        next: z.string().optional(),
        previous: z.string().optional(),
      }),
    },
  },
  async handle({ query, headers, principal, reader, id, signal }, { reading, trail, gaps }) {
    const { query: text, describe, ...options } = query
    const type = acceptedOf(headers['accept'], [JSON_TYPE, NDJSON, CLOUD_EVENTS])
    parseQuery(text)
    await reading.record(principal, 'list', { query: text })
    const now = options.now ?? new Date()
    const found = await reader.find(text, { ...options, now, signal })
    const { events, next, previous, ...facts } = found
    const beside = besideOf(found)
    if (type === NDJSON) {
      const bytes = Buffer.from(events.map((event: AuditEvent) => `${JSON.stringify(event)}\n`).join(''))
      return { type, bytes, headers: beside }
    }
    if (type === CLOUD_EVENTS) {
      const source = `urn:annals:${encodeURIComponent((await trail.status()).origin)}`
      return { type, json: events.map(event => cloudEventOf(event, { source })), headers: beside }
    }
    const content = {
      events,
      ...(describe ? { sentences: events.map((event: AuditEvent) => reader.describe(event)) } : {}),
      ...(next === undefined ? {} : { next }),
      ...(previous === undefined ? {} : { previous }),
    }
    const told = gaps.told(principal, answeredByPage(text, found, { ...options, now }))
    return { json: answerOf(content, { ...facts, requestId: id, gaps: told }), headers: beside }
  },
})

/** What tells of the pages beside one where the answer cannot. */
function besideOf({
  next,
  previous,
  asOf,
}: Pick<Found, 'next' | 'previous' | 'asOf'>): Record<string, string> {
  return {
    'Annals-As-Of': String(asOf),
    ...(next === undefined ? {} : { 'Annals-Next': next }),
    ...(previous === undefined ? {} : { 'Annals-Previous': previous }),
  }
}
