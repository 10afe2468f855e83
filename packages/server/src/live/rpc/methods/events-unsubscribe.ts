import { z } from 'zod'
import { defineMethod } from '../method.ts'

/** Ends a subscription to events: nothing of it comes after the answer. */
export const eventsUnsubscribe = defineMethod({
  name: 'events.unsubscribe',
  summary: 'Ends a subscription at once',
  params: z.strictObject({ subscription: z.string().max(64) }),
  async run({ params, session }) {
    const ending = await session.cancel(params.subscription)
    return { result: ending === undefined ? { ended: false } : { ended: true, resume: ending.resume } }
  },
})
