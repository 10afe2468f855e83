import type { AuditEvent } from 'annals'
import { z } from 'zod'
import { defineRoute } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { eventSchema } from './event-schema.ts'
import { orderParameter, queryParameter, seekParameter, timeZoneParameter } from './parameters.ts'

const parameters = z.strictObject({
  query: queryParameter,
  seek: seekParameter.optional(),
  seekEnd: seekParameter.optional(),
  order: orderParameter.optional(),
  limit: z.coerce.number().int().min(0).max(1000).default(50),
  cursor: z.string().max(512).optional(),
  timeZone: timeZoneParameter,
})

/** One page of events. */
export const listEvents = defineRoute({
  id: 'listEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'events',
  summary: 'One page of events, newest first unless told',
  permission: 'read',
  query: parameters,
  responses: {
    200: {
      description: 'A page, and the cursor of the next one.',
      schema: answerSchema({ events: z.array(eventSchema), next: z.string().optional() }),
    },
  },
  async handle({ query, principal, reader, id }, { reading }) {
    const { query: text, ...options } = query
    await reading.record(principal, 'list', { query: text })
    const found = await reader.find(text, options)
    const events: readonly AuditEvent[] = found.events
    return {
      json: answerOf(
        { events, ...(found.next === undefined ? {} : { next: found.next }) },
        { ...found, requestId: id },
      ),
    }
  },
})
