import { parseQuery } from 'annals/query'
import { z } from 'zod'
import { answeredBy } from '../gaps/answered.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { askedParameters, flagParameter, mostParameter, namesParameter, seekParameter } from './parameters.ts'

/** Counts of what a query matches. */
export const countEvents: Route = defineRoute({
  id: 'countEvents',
  method: 'GET',
  path: '/v1/count',
  tag: 'events',
  summary: 'Counts of matching events, by fields',
  permission: 'read',
  query: z.strictObject({
    ...askedParameters,
    by: namesParameter(20)
      .default([])
      .describe('Fields to group by, such as `action,outcome`, or `hour`; at most 20.'),
    each: flagParameter.describe('By each of the fields alone.'),
    most: mostParameter,
    seek: seekParameter.optional().describe('First position, inclusive.'),
    seekEnd: seekParameter.optional().describe('Last position, exclusive.'),
  }),
  responses: {
    200: {
      description:
        'Largest groups first, at most 10,000; `other` has the events of the rest. Without `complete`, what lies below `through` was not counted.',
      schema: answerSchema({
        total: z.int(),
        groups: z.array(z.strictObject({ key: z.record(z.string(), z.string().nullable()), count: z.int() })),
        other: z.int().optional(),
        complete: z.boolean(),
        through: z.int().optional(),
      }),
    },
  },
  async handle({ query, principal, reader, id, signal }, { reading, gaps }) {
    const { query: text, by, ...options } = query
    parseQuery(text)
    await reading.record(principal, 'count', { query: text, by })
    const now = options.now ?? new Date()
    const counts = await reader.count(text, by, { ...options, now, signal })
    const { asOf } = counts
    const told = gaps.told(principal, answeredBy(text, asOf, { ...options, now }))
    return { json: answerOf(counts, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
