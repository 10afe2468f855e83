import type { EventsOptions, LocalReader } from 'annals'
import type { Principal } from '../access/principal.ts'
import { Delivery } from './delivery.ts'
import type { EndReason } from './end-reason.ts'
import type { LiveStreams } from './live-streams.ts'

/** A delivery that has not begun, and the place it takes; whoever runs it leaves the place when it has ended. */
export interface OpenedDelivery {
  readonly delivery: Delivery
  readonly place: Disposable
}

/**
 * Opens a reader for a client. Every mistake in the question is thrown here, before anything is sent.
 *
 * @param reader the log as the principal may see it
 * @throws HttpError 429 and 503 when there are too many streams; AnnalsError ANNALS_QUERY, ANNALS_NOT_FOUND, ANNALS_INVALID
 */
export async function openDelivery(
  live: LiveStreams,
  principal: Principal,
  reader: LocalReader,
  query: string,
  options: EventsOptions,
): Promise<OpenedDelivery> {
  // What is not a query takes no place.
  const events = reader.events(query, options)
  let delivery: Delivery | undefined
  let early: EndReason | undefined
  const place = live.enter(principal, reason => {
    early = reason
    delivery?.end(reason)
  })
  try {
    delivery = new Delivery(await events.open(), {
      limit: options.limit,
      atEnd: () => {
        if (options.follow !== true) return 'end'
        // Without an end of its own, only the end of the log ends it.
        return hasEnd(query, options) && !live.isStopping ? 'seekEnd' : 'stopping'
      },
      restMs: () => live.restMs,
    })
    if (early !== undefined) delivery.end(early)
    return { delivery, place }
  } catch (error) {
    place[Symbol.dispose]()
    throw error
  }
}

/** Whether a live reading can end by itself: at its `seekEnd`, or at the latest time that its query takes. */
function hasEnd(query: string, { seekEnd }: EventsOptions): boolean {
  return seekEnd !== undefined || /recorded/i.test(query)
}
