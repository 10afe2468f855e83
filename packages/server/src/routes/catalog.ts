import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { mostParameter } from './parameters.ts'

/** The event types. */
export const getCatalog: Route = defineRoute({
  id: 'getCatalog',
  method: 'GET',
  path: '/v1/catalog',
  tag: 'events',
  summary: 'The event types, and every other action that occurs',
  permission: 'read',
  query: z.strictObject({ most: mostParameter }),
  responses: {
    200: {
      description: 'Each with how many events there are of it, among those that were counted.',
      schema: answerSchema({
        entries: z.array(
          z.looseObject({ action: z.string(), version: z.int(), events: z.int(), declared: z.boolean() }),
        ),
      }),
    },
  },
  async handle({ query, principal, reader, id, signal }, { gaps }) {
    const asOf = reader.size
    const entries = await reader.catalog({ ...query, signal })
    const told = gaps.told(principal, { range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], asOf })
    return { json: answerOf({ entries }, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
