import type { AuditEvent } from 'annals'
import { foldHolds, HOLD_QUERY } from 'annals/lifecycle'
import { z } from 'zod'
import { requireWhole } from '../access/whole-scope.ts'
import { defineRoute, type Route } from '../http/route.ts'

const instant = z.iso.datetime()
const index = z.int().min(0)
const holdSchema = z.strictObject({
  name: z.string(),
  reason: z.string(),
  scope: z
    .record(z.string(), z.union([z.string(), z.int()]))
    .describe('`query`, `subject` (the tag of a person, in hex), `chunk` or `operation`.'),
  index: index.describe('Position of its `log.hold`.'),
  since: instant,
  released: z.strictObject({ index, at: instant, reason: z.string() }).optional(),
})

/** Legal holds. */
export const listHolds: Route = defineRoute({
  id: 'listHolds',
  method: 'GET',
  path: '/v1/lifecycle/holds',
  tag: 'lifecycle',
  summary: 'Every hold that was set, those released too, in order of position',
  permission: 'operate',
  responses: {
    200: {
      description: 'Those without `released` are in force.',
      schema: z.strictObject({ holds: z.array(holdSchema), requestId: z.string() }),
    },
  },
  async handle({ principal, reader, id }) {
    requireWhole(principal)
    const events: AuditEvent[] = []
    for await (const event of reader.events(HOLD_QUERY)) events.push(event)
    return { json: { holds: foldHolds(events), requestId: id } }
  },
})
