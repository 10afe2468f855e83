import { z } from 'zod'

/** Text of the query language; empty matches everything. */
export const queryParameter = z.string().max(2_000).default('').describe('Query, see spec/query-v1.md')

const UUID = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/

/** A position: an index, an event id, or an instant (ISO 8601 with a zone). */
export const seekParameter = z
  .string()
  .max(64)
  .transform((text, context) => {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    if (UUID.test(text)) return text
    if (TIME.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
    context.addIssue({ code: 'custom', message: 'must be a position, an event id, or a time with a zone' })
    return z.NEVER
  })

/** An instant, ISO 8601 with a zone. */
export const instantParameter = z
  .string()
  .max(64)
  .transform((text, context) => {
    if (TIME.test(text) && !Number.isNaN(Date.parse(text))) return new Date(text)
    context.addIssue({ code: 'custom', message: 'must be a time with a zone' })
    return z.NEVER
  })

/** The id or position of one event. */
export const eventParameter = z
  .string()
  .max(64)
  .transform(text => (/^\d{1,15}$/.test(text) ? Number(text) : text))

export const orderParameter = z.enum(['asc', 'desc'])

/** Yes or no. */
export const flagParameter = z
  .enum(['true', 'false'])
  .default('false')
  .transform(text => text === 'true')

/** Names, separated by commas, at most so many. */
export function namesParameter(most: number): z.ZodType<string[], string> {
  return z
    .string()
    .max(2_000)
    .transform(text => text.split(',').filter(name => name !== ''))
    .pipe(z.array(z.string()).max(most, `must be ${most} names at most`))
}

/** A whole number within bounds. Nothing is no number, not even 0. */
export function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most })
}

/** A number that need not be given, as OpenAPI tells it. */
export function withDefault(
  schema: z.ZodType<number, string>,
  value: number,
): z.ZodType<number, string | undefined> {
  return schema.default(value).meta({ default: value })
}

/** Size of the log that the answer is a picture of. */
export const asOfParameter = wholeNumber(0, 999_999_999_999_999)

/** Most records that are read for a count, unless more are asked for: a count is no reason to read the whole log. */
const MOST_COUNTED = 200_000
export const mostParameter = withDefault(wholeNumber(0, 100_000_000), MOST_COUNTED).describe(
  'Stops once about so many records were read, the newest first. Kept counts cost nothing.',
)

/** IANA name of the zone of times that name none. */
export const timeZoneParameter = z.string().max(64).refine(isZone, 'is no time zone').default('UTC')

/** What a question is about: a query, and the log and the moment that it is asked of. */
export const askedParameters = {
  query: queryParameter,
  includeLog: flagParameter.describe("Also the log's own events."),
  timeZone: timeZoneParameter.describe('Zone of times that name none, as IANA calls it.'),
  now: instantParameter
    .optional()
    .describe('What `now` means in the query: the present, if it is not given.'),
  asOf: asOfParameter.optional().describe('The log as it was when it had so many entries.'),
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
