import { z } from 'zod'
import { requireWhole } from '../access/whole-scope.ts'
import { defineRoute, type Route } from '../http/route.ts'
import { evidenceArchive } from '../lifecycle/evidence.ts'
import { queryParameter, timeZoneParameter } from './parameters.ts'

/** Makes a bundle that proves events to somebody who has nothing but a key. */
export const exportEvidence: Route = defineRoute({
  id: 'exportEvidence',
  method: 'POST',
  path: '/v1/lifecycle/evidence',
  tag: 'lifecycle',
  summary: 'An evidence bundle: events with everything that proves them',
  permission: 'export',
  body: z.strictObject({
    query: queryParameter,
    disclose: z
      .union([z.literal('all'), z.array(z.string().regex(/^[a-z]{1,16}$/)).max(16)])
      .default('all')
      .describe('Parts of the events whose content goes with them.'),
    complete: z.boolean().default(false).describe('Also the header of every other entry of the range.'),
    includeLog: z.boolean().default(false).describe("Also the log's own events."),
    timeZone: timeZoneParameter,
  }),
  responses: {
    200: {
      description:
        'The bundle of spec/evidence-v1.md as a tar archive; it begins when the bundle is complete.',
      type: 'application/x-tar',
    },
  },
  async handle({ body, principal, signal }, { reading, settings }) {
    requireWhole(principal)
    await reading.record(principal, 'export', { ...body, form: 'evidence' })
    const stream = await evidenceArchive({ ...body, dir: settings.dir, signal })
    const headers = { 'Content-Disposition': 'attachment; filename="evidence.tar"' }
    return { type: 'application/x-tar', stream, headers }
  },
})
