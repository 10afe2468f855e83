import type { AuditEvent } from 'annals/model'
import { type Outlet, WRITE_BYTES } from '../delivery.ts'
import { endingOf } from '../ending-of.ts'
import { eventJson } from '../event-json.ts'
import type { OpenedDelivery } from '../open-delivery.ts'
import { notificationText } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Subscription } from './session.ts'

/** Sends a delivery as notifications `events.event`, then `events.end`. */
export function eventSubscription(
  id: string,
  { delivery, place }: OpenedDelivery,
  outbox: Outbox,
  onFailure: (error: unknown) => void,
): Subscription {
  return {
    end: reason => delivery.end(reason),
    async run() {
      using _ = place
      const forget = outbox.onDrained(() => delivery.drained())
      const ending = await delivery.run(outletOf(id, outbox))
      forget()
      if (ending.error !== undefined) onFailure(ending.error)
      if (ending.reason !== 'cancelled')
        outbox.send(notificationText('events.end', { subscription: id, ...endingOf(ending) }))
      return ending
    },
  }
}

function outletOf(id: string, outbox: Outbox): Outlet {
  const head = `{"jsonrpc":"2.0","method":"events.event","params":{"subscription":${JSON.stringify(id)},"event":`
  return {
    get full() {
      return outbox.full
    },
    send(events: readonly AuditEvent[], from: number): number {
      const texts: string[] = []
      let length = 0
      while (from + texts.length < events.length && length < WRITE_BYTES) {
        const text = `${head}${eventJson(events[from + texts.length] as AuditEvent)}}}`
        texts.push(text)
        length += text.length
      }
      outbox.send(...texts)
      return texts.length
    },
  }
}
