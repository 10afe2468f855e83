import type { Store } from '../log/store.ts'
import { PAUSE_QUERY, Pauses } from '../policy/index.ts'
import { foundEvents } from './found-events.ts'

/** The pauses in force. They are read from the log, so they outlive every restart. */
export async function pausesOf({ store }: { readonly store: Pick<Store, 'search'> }): Promise<Pauses> {
  const pauses = new Pauses()
  for await (const page of foundEvents(store.search, PAUSE_QUERY, [0, Number.MAX_SAFE_INTEGER]))
    for (const event of page) pauses.take(event)
  return pauses
}
