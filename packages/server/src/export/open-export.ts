import type { LocalReader } from 'annals'
import type { Json } from 'annals/model'
import { parseQuery } from 'annals/query'
import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import type { ServerContext } from '../context.ts'
import { answeredBy } from '../gaps/answered.ts'
import {
  askedParameters,
  flagParameter,
  namesParameter,
  orderParameter,
  seekParameter,
} from '../routes/parameters.ts'
import { COLUMNS, columnsOf, MOST_COLUMNS } from './columns.ts'
import { ExportBody, type ExportSummary } from './export-body.ts'

/** What is exported, and how it is written. */
export const exportParameters = {
  ...askedParameters,
  format: z.enum(['ndjson', 'csv']).optional().describe('As `Accept` says, else NDJSON, if it is not given.'),
  fields: namesParameter(MOST_COLUMNS)
    .optional()
    .describe('Columns of CSV: names joined by dots, JSON pointers, or `sentence`, `actor`, `target`.'),
  header: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'Whether CSV begins with the names of the columns: unless an export is gone on with by `seek`.',
    ),
  raw: flagParameter.describe('CSV without the guard against formulas.'),
  order: orderParameter.default('asc').describe('By position. Oldest first unless told.'),
  seek: seekParameter
    .optional()
    .describe('First position: an export that broke off goes on after its last event.'),
  seekEnd: seekParameter.optional().describe('Last position, exclusive.'),
}

const parameters = z.strictObject(exportParameters)

/** An export that has begun. */
export interface OpenedExport {
  readonly format: 'ndjson' | 'csv'
  readonly asOf: number
  readonly now: Date
  readonly body: ExportBody
  /** What can be told of it once it has ended. */
  manifest(summary: ExportSummary): { readonly [name: string]: Json }
}

/**
 * Begins an export: what cannot be done is refused before anything is sent, and the reading is recorded, or nothing is given.
 *
 * @throws AnnalsError
 */
export async function openExport(
  query: z.output<typeof parameters>,
  format: 'ndjson' | 'csv',
  {
    principal,
    reader,
    signal,
  }: { readonly principal: Principal; readonly reader: LocalReader; readonly signal: AbortSignal },
  { reading, gaps }: Pick<ServerContext, 'reading' | 'gaps'>,
): Promise<OpenedExport> {
  const { query: text, fields = COLUMNS, header, raw, asOf = reader.size, now = new Date() } = query
  const { order, seek, seekEnd, includeLog, timeZone } = query
  const options = { order, seek, seekEnd, includeLog, timeZone, now, asOf, signal }
  parseQuery(text)
  const columns = columnsOf(fields, reader)
  await reader.find(text, { ...options, limit: 0 })
  await reading.record(principal, 'export', { query: text, format, asOf })
  const form =
    format === 'ndjson'
      ? ({ format } as const)
      : ({
          format,
          columns,
          raw,
          header: header === undefined ? seek === undefined : header === 'true',
        } as const)
  const told = gaps.told(principal, answeredBy(text, asOf, { now, timeZone }))
  return {
    format,
    asOf,
    now,
    body: new ExportBody(reader.events(text, options), form),
    manifest: ({ count, first, last, sha256 }) => ({
      query: text,
      format,
      ...(format === 'csv' ? { fields: [...fields] } : {}),
      includeLog,
      timeZone,
      now: now.toISOString(),
      asOf,
      order,
      count,
      ...(first === undefined || last === undefined ? {} : { first, last }),
      sha256,
      gaps: told as unknown as Json,
      complete: true,
    }),
  }
}
