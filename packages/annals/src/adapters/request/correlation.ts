import { IdSequence } from '../../log/uuid.ts'

/** What an id of others may be: it goes into a header and the log. */
const GOOD = /^[\w.:@/+=-]{1,128}$/
const ids = new IdSequence()

/** The correlation id of a request: its own when it has a good one, else a new UUIDv7. */
export function correlationOf(given: string | undefined): string {
  return given !== undefined && GOOD.test(given) ? given : ids.next(Date.now())
}
