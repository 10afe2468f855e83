import { histogram } from 'annals'
import { parseQuery } from 'annals/query'
import { z } from 'zod'
import { answeredBy } from '../gaps/answered.ts'
import { retentionEdges } from '../gaps/retention-edges.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { answerOf, answerSchema } from './answer.ts'
import { askedParameters, instantParameter, mostParameter, wholeNumber, withDefault } from './parameters.ts'

/** Events over time. */
export const getHistogram: Route = defineRoute({
  id: 'getHistogram',
  method: 'GET',
  path: '/v1/histogram',
  tag: 'events',
  summary: 'Matching events over time, by outcome',
  permission: 'read',
  query: z.strictObject({
    ...askedParameters,
    from: instantParameter
      .optional()
      .describe(
        'First instant of occurredAt. That of the query, else of the first match, if it is not given.',
      ),
    to: instantParameter.optional().describe('Instant after the last. Likewise.'),
    buckets: withDefault(wholeNumber(2, 120), 60).describe(
      'Most buckets. They begin where the calendar of the zone has it.',
    ),
    most: mostParameter,
  }),
  responses: {
    200: {
      description:
        'Edges are instants, ms since the epoch; the last one is the end. Without `complete`, what lies below `through` was not counted.',
      schema: answerSchema({
        edges: z.array(z.int()),
        series: z.record(z.string(), z.array(z.int())),
        total: z.int(),
        outside: z.int().describe('Matches that occurred outside of the buckets.'),
        complete: z.boolean(),
        through: z.int().optional(),
        retention: z
          .array(z.strictObject({ class: z.string(), before: z.string() }))
          .describe(
            'Retention classes of which events of this time are past their retention, and before when.',
          ),
      }),
    },
  },
  async handle({ query, principal, reader, id, signal }, { reading, gaps }) {
    const { query: text } = query
    parseQuery(text)
    await reading.record(principal, 'count', { query: text })
    const now = query.now ?? new Date()
    const found = await histogram(reader, { ...query, now, signal })
    const { asOf, edges } = found
    const answered = answeredBy(text, asOf, { ...query, now })
    const [from, to] = [query.from?.getTime() ?? answered.range[0], query.to?.getTime() ?? answered.range[1]]
    const range = [Math.max(from, answered.range[0]), Math.min(to, answered.range[1])] as const
    const retention = retentionEdges(await gaps.policy(), principal.tenant, edges[0] ?? range[0])
    const told = gaps.told(principal, { ...answered, range })
    return { json: answerOf({ ...found, retention }, { asOf, watermark: asOf, requestId: id, gaps: told }) }
  },
})
