import { z } from 'zod'
import { defineMethod } from '../method.ts'

/** Ends a subscription to a metric: nothing of it comes after the answer. */
export const metricsUnsubscribe = defineMethod({
  name: 'metrics.unsubscribe',
  summary: 'Ends a subscription at once',
  params: z.strictObject({ subscription: z.string().max(64) }),
  async run({ params, session }) {
    return { result: { ended: (await session.cancel(params.subscription)) !== undefined } }
  },
})
