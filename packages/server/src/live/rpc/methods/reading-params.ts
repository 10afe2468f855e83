import type { LocalReader } from 'annals'
import { z } from 'zod'
import { queryParameter, seekParameter, timeZoneParameter } from '../../../routes/parameters.ts'
import { queryOfTopics, type TopicPath } from '../topics.ts'

/** Topic paths, and terms of a query, have a bound. */
const MOST_PATHS = 60

const pathParam: z.ZodType<TopicPath> = z.union([z.string().max(512), z.array(z.string().max(512)).max(64)])

const positionParam = z.union([z.int().min(0), seekParameter])

/** What every method that reads events takes. */
export const readingParams = {
  query: queryParameter,
  paths: z
    .array(pathParam)
    .min(1)
    .max(MOST_PATHS)
    .optional()
    .describe('Topics, each with what lies below it; [] is everything. Beside a query, both must hold.'),
  seek: positionParam.optional(),
  seekEnd: positionParam.optional(),
  includeLog: z.boolean().default(false),
  timeZone: timeZoneParameter,
}

/** The query that was asked, with its topics. @throws AnnalsError ANNALS_INVALID, ANNALS_QUERY */
export async function askedQuery(
  {
    query,
    paths,
    includeLog,
  }: {
    readonly query: string
    readonly paths?: readonly TopicPath[] | undefined
    readonly includeLog: boolean
  },
  reader: LocalReader,
): Promise<string> {
  return paths === undefined ? query : await queryOfTopics(query, paths, reader, includeLog)
}
