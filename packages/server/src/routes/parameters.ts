import { z } from 'zod'

/** Text of the query language; empty matches everything. */
export const queryParameter = z.string().max(2_000).default('').describe('Query, see spec/query-v1.md')

/** A position: an index, an event id, or an instant (ISO 8601 with a zone). */
export const seekParameter = z
  .string()
  .max(64)
  .transform((text, context) => {
    if (/^\d{1,16}$/.test(text)) return Number(text)
    if (/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(text)) return text
    if (/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)))
      return new Date(text)
    context.addIssue({ code: 'custom', message: 'must be a position, an event id, or a time with a zone' })
    return z.NEVER
  })

export const orderParameter = z.enum(['asc', 'desc'])

/** IANA name of the zone of times that name none. */
export const timeZoneParameter = z.string().max(64).refine(isZone, 'is no time zone').default('UTC')

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
