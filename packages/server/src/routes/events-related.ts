import { related } from 'annals'
import { z } from 'zod'
import { answeredByEvents } from '../gaps/answered.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { eventOf } from './event-of.ts'
import { eventSchema } from './event-schema.ts'
import { eventParameter, wholeNumber, withDefault } from './parameters.ts'

/** What happened around an event. */
export const getRelatedEvents: Route = defineRoute({
  id: 'getRelatedEvents',
  method: 'GET',
  path: '/v1/events/:id/related',
  tag: 'events',
  summary: 'Events of the same operation, request or correlation; the actor and the target around that time',
  permission: 'read',
  params: z.strictObject({ id: eventParameter }),
  query: z.strictObject({ most: withDefault(wholeNumber(1, 1000), 200).describe('Most linked events.') }),
  responses: {
    200: {
      description: 'Linked events with what links them, and others nearby.',
      schema: answerSchema({
        linked: z.array(
          z.strictObject({
            event: eventSchema,
            by: z.array(z.enum(['operation', 'request', 'correlation'])),
          }),
        ),
        more: z.boolean(),
        nearby: z.array(eventSchema),
        before: eventSchema.optional(),
        after: eventSchema.optional(),
      }),
    },
  },
  async handle({ params, query, principal, reader, id, signal }, { reading, gaps }) {
    const asOf = reader.size
    const event = await eventOf(reader, params.id)
    await reading.record(principal, 'get', { event: event.index })
    const found = await related(reader, event, { ...query, asOf, signal })
    const shown = [...found.linked.map(one => one.event), ...found.nearby]
    const told = gaps.told(principal, answeredByEvents(shown, asOf))
    return { json: answerOf(found, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
