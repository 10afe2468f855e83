import type { EndReason } from '../end-reason.ts'
import { notificationText } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Subscription } from './session.ts'

/** A metric that is watched for a client. */
export interface Watched {
  readonly id: string
  readonly place: Disposable
  readonly values: AsyncIterableIterator<object>
}

/** Sends each value as notification `metrics.value`, then `metrics.end`. What changes while the client is slow is told together. */
export function metricSubscription(
  { id, place, values }: Watched,
  outbox: Outbox,
  onFailure: (error: unknown) => void,
): Subscription {
  let reason: EndReason | undefined
  let wake: (() => void) | undefined
  const untilDrained = (): Promise<void> =>
    new Promise(resolve => {
      wake = resolve
    })
  return {
    end(why) {
      reason ??= why
      values.return?.().catch(() => {})
      wake?.()
    },
    async run() {
      using _ = place
      const forget = outbox.onDrained(() => wake?.())
      try {
        for await (const measured of values) {
          outbox.send(notificationText('metrics.value', { subscription: id, ...measured }))
          if (outbox.full && reason === undefined) await untilDrained()
        }
      } catch (error) {
        reason ??= 'failed'
        onFailure(error)
      }
      forget()
      reason ??= 'stopping'
      if (reason !== 'cancelled') outbox.send(notificationText('metrics.end', { subscription: id, reason }))
      return {}
    },
  }
}
