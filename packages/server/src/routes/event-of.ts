import type { AuditEvent, TrailReader } from 'annals'
import { AnnalsError } from 'annals/model'

/**
 * The event that a path names. What the reader may not see is not there.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND
 */
export async function eventOf(reader: Pick<TrailReader, 'get'>, at: string | number): Promise<AuditEvent> {
  const event = await reader.get(at)
  if (event !== undefined) return event
  throw new AnnalsError('ANNALS_NOT_FOUND', 'There is no such event.', {
    hint: 'Events go by their whole id, or their position.',
  })
}
