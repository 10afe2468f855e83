import { facets } from 'annals'
import { parseQuery } from 'annals/query'
import { z } from 'zod'
import { answeredBy } from '../gaps/answered.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { askedParameters, mostParameter, namesParameter, wholeNumber, withDefault } from './parameters.ts'

/** One facet as the API answers it. */
export const facetSchema: z.ZodType = z.strictObject({
  field: z.string(),
  values: z.array(z.strictObject({ value: z.string(), count: z.int() })),
  missing: z.int().describe('Events that lack the field.'),
  other: z.int().describe('Events with other values.'),
})

/** The values of fields among the matches. */
export const getFacets: Route = defineRoute({
  id: 'getFacets',
  method: 'GET',
  path: '/v1/facets',
  tag: 'events',
  summary: 'The most frequent values of fields among matching events',
  permission: 'read',
  query: z.strictObject({
    ...askedParameters,
    fields: namesParameter(20).describe('Such as `action,outcome,actor`; 1 to 20.'),
    limit: withDefault(wholeNumber(1, 1_000), 10).describe('Most values of each field.'),
    prefix: z.string().max(200).optional().describe('Only values that begin so, letter case aside.'),
    most: mostParameter,
  }),
  responses: {
    200: {
      description: 'A facet for each field. Without `complete`, what lies below `through` was not counted.',
      schema: answerSchema({
        facets: z.array(facetSchema),
        total: z.int(),
        complete: z.boolean(),
        through: z.int().optional(),
      }),
    },
  },
  async handle({ query, principal, reader, id, signal }, { reading, gaps }) {
    const { query: text, fields } = query
    parseQuery(text)
    await reading.record(principal, 'count', { query: text, by: fields })
    const now = query.now ?? new Date()
    const found = await facets(reader, { ...query, now, signal })
    const { asOf } = found
    const told = gaps.told(principal, answeredBy(text, asOf, { ...query, now }))
    return { json: answerOf(found, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
