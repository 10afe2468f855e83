import { z } from 'zod'
import { answeredByEvents } from '../gaps/answered.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { eventOf } from './event-of.ts'
import { eventSchema } from './event-schema.ts'
import { eventParameter } from './parameters.ts'

/** One event. */
export const getEvent: Route = defineRoute({
  id: 'getEvent',
  method: 'GET',
  path: '/v1/events/:id',
  tag: 'events',
  summary: 'One event, by id or position',
  permission: 'read',
  params: z.strictObject({ id: eventParameter }),
  responses: {
    200: {
      description: 'The event, and a sentence about it.',
      schema: answerSchema({ event: eventSchema, sentence: z.string() }),
    },
  },
  async handle({ params, principal, reader, id }, { reading, gaps }) {
    const asOf = reader.size
    const event = await eventOf(reader, params.id)
    await reading.record(principal, 'get', { event: event.index })
    const content = { event, sentence: reader.describe(event) }
    return {
      json: answerOf(content, {
        asOf,
        watermark: asOf,
        requestId: id,
        gaps: gaps.told(principal, answeredByEvents([event], asOf)),
      }),
    }
  },
})
