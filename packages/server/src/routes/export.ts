import { z } from 'zod'
import { exportParameters, openExport } from '../export/open-export.ts'
import { acceptedOf } from '../http/accepted.ts'
import { HttpError } from '../http/problem.ts'
import { defineRoute, type Route } from '../http/route.ts'

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const

/** Everything that a query matches. */
export const exportEvents: Route = defineRoute({
  id: 'exportEvents',
  method: 'GET',
  path: '/v1/export',
  tag: 'events',
  summary: 'Every matching event as NDJSON or CSV, streamed',
  permission: 'export',
  query: z.strictObject({
    ...exportParameters,
    manifest: z
      .enum(['line', 'trailer'])
      .default('trailer')
      .describe('`line`: NDJSON ends with one more line, `{"manifest": …}`.'),
  }),
  responses: {
    200: {
      description:
        'Lines of NDJSON are events, and can be imported. The headers `Annals-As-Of` and `Annals-Now` name what the export is a picture of: with them, and `seek`, an export that broke off goes on. The trailer `Annals-Manifest` comes when nothing is missing; an export that breaks off has none.',
      type: TYPES.ndjson,
    },
  },
  async handle({ query, headers, ...call }, context) {
    const { manifest: place, ...asked } = query
    const accepted = acceptedOf(headers['accept'], [TYPES.ndjson, TYPES.csv])
    const format = asked.format ?? (accepted === TYPES.csv ? 'csv' : 'ndjson')
    if (place === 'line' && format === 'csv')
      throw new HttpError(400, 'ANNALS_INVALID', 'manifest: CSV has no place for it.', {
        path: 'manifest',
        hint: 'GET /v1/export/manifest gives it.',
      })
    const { body, asOf, now, manifest } = await openExport(asked, format, call, context)
    return {
      type: format === 'csv' ? 'text/csv; charset=utf-8' : TYPES.ndjson,
      headers: {
        'Annals-As-Of': String(asOf),
        'Annals-Now': now.toISOString(),
        'Content-Disposition': `attachment; filename="annals-${asOf}.${format}"`,
        Vary: 'Accept',
      },
      stream: body.pieces(place === 'line' ? summary => ({ manifest: manifest(summary) }) : undefined),
      trailers: {
        // A header is short and ASCII: the query, the fields and the gaps are left to the manifest proper.
        'Annals-Manifest': () => {
          const { query: _, fields: __, gaps, ...facts } = manifest(body.summary)
          return JSON.stringify({ ...facts, gaps: (gaps as readonly unknown[]).length })
        },
      },
    }
  },
})
