import { type EventRef, entityState } from 'annals'
import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { entityParameters, eventRefSchema } from './entity-schema.ts'
import { asOfParameter, seekParameter } from './parameters.ts'

/** What an entity was at a time. */
export const getEntityState: Route = defineRoute({
  id: 'getEntityState',
  method: 'GET',
  path: '/v1/entities/:type/:id/state',
  tag: 'entities',
  summary: 'What an entity was at a time, as far as events tell',
  permission: 'read',
  params: entityParameters,
  query: z.strictObject({
    at: seekParameter
      .refine(at => typeof at !== 'string', 'must be a time or a position')
      .optional()
      .describe('When: a time with a zone, or the last position. Now, if it is not given.'),
    asOf: asOfParameter.optional(),
  }),
  responses: {
    200: {
      description: 'Its places with the events that tell of them, and those between which it holds.',
      schema: answerSchema({
        state: z.json().optional(),
        whole: z.boolean(),
        places: z.array(
          z.strictObject({
            path: z.string(),
            status: z.enum(['known', 'absent', 'unknown']),
            value: z.json().optional(),
            by: eventRefSchema,
            says: z.enum(['after', 'before']),
            until: eventRefSchema.optional(),
          }),
        ),
        contradictions: z.array(z.strictObject({ path: z.string(), by: eventRefSchema })),
        since: eventRefSchema.optional(),
        until: eventRefSchema.optional(),
        unknownBefore: eventRefSchema.optional(),
        cut: z.boolean(),
      }),
    },
  },
  async handle({ params, query, principal, reader, id, signal }, { reading, gaps }) {
    await reading.record(principal, 'entity', { ...params })
    const found = await entityState(reader, params, {
      asOf: query.asOf,
      signal,
      at: query.at as Date | number | undefined,
    })
    const { asOf, since, until } = found
    const range = [timeOf(since, Number.NEGATIVE_INFINITY), timeOf(until, Number.POSITIVE_INFINITY)] as const
    const told = gaps.told(principal, { range, asOf })
    return { json: answerOf(found, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})

function timeOf(ref: EventRef | undefined, none: number): number {
  return ref === undefined ? none : Date.parse(ref.occurredAt)
}
