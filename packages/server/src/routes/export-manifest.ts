import { z } from 'zod'
import { exportParameters, openExport } from '../export/open-export.ts'
import { gapSchema } from '../gaps/gap.ts'
import { defineRoute, type Route } from '../http/route.ts'

/** What an export holds. */
export const getExportManifest: Route = defineRoute({
  id: 'getExportManifest',
  method: 'GET',
  path: '/v1/export/manifest',
  tag: 'events',
  summary: 'What an export with these parameters holds, and the digest of its body',
  permission: 'export',
  query: z.strictObject(exportParameters),
  responses: {
    200: {
      description:
        'Made by exporting everything once more without sending it. With `asOf` and `now` of an export, also one that was put together of several, it says whether the bytes are those.',
      schema: z.strictObject({
        query: z.string(),
        format: z.enum(['ndjson', 'csv']),
        fields: z.array(z.string()).optional(),
        includeLog: z.boolean(),
        timeZone: z.string(),
        now: z.string(),
        asOf: z.int(),
        order: z.enum(['asc', 'desc']),
        count: z.int(),
        first: z.int().optional().describe('Position of the first event.'),
        last: z.int().optional(),
        sha256: z.string().describe('Of the body without a manifest line, hex.'),
        gaps: z.array(gapSchema),
        complete: z.literal(true),
        requestId: z.string(),
      }),
    },
  },
  async handle({ query, id, ...call }, context) {
    const { body, manifest } = await openExport(query, query.format ?? 'ndjson', call, context)
    for await (const _ of body.pieces()) call.signal.throwIfAborted()
    return { json: { ...manifest(body.summary), requestId: id } }
  },
})
