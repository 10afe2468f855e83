import { entitySummary } from 'annals'
import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { entityParameters } from './entity-schema.ts'
import { eventSchema } from './event-schema.ts'
import { facetSchema } from './facets.ts'
import { asOfParameter, mostParameter, wholeNumber, withDefault } from './parameters.ts'

/** What the log tells of an entity. */
export const getEntity: Route = defineRoute({
  id: 'getEntity',
  method: 'GET',
  path: '/v1/entities/:type/:id',
  tag: 'entities',
  summary: 'First and last event of an entity, how many, by whom',
  permission: 'read',
  params: entityParameters,
  query: z.strictObject({
    as: z.enum(['target', 'actor']).default('target'),
    limit: withDefault(wholeNumber(1, 1_000), 10).describe('Most values of each facet.'),
    most: mostParameter,
    asOf: asOfParameter.optional(),
  }),
  responses: {
    200: {
      description: 'Without events, `total` is 0: whether there is such an entity, the log does not know.',
      schema: answerSchema({
        first: eventSchema.optional(),
        last: eventSchema.optional(),
        name: z.string().optional(),
        total: z.int(),
        facets: z.array(facetSchema),
        complete: z.boolean(),
        through: z.int().optional(),
      }),
    },
  },
  async handle({ params, query, principal, reader, id, signal }, { reading, gaps }) {
    await reading.record(principal, 'entity', { ...params })
    const summary = await entitySummary(reader, params, { ...query, signal })
    const { asOf } = summary
    const told = gaps.told(principal, { range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], asOf })
    return { json: answerOf(summary, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
