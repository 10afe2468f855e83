import { z } from 'zod'
import type { StopReason } from '../../live-streams.ts'
import { defineMethod } from '../method.ts'
import { metricSubscription } from '../metric-subscription.ts'
import { askedMetric, metricParams } from './metric-params.ts'

/** Longest delay of a timer: setTimeout takes a 32-bit number of milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

/** A metric as it is now, and again whenever it has changed: `metrics.value` each, then `metrics.end`. */
export const metricsSubscribe = defineMethod({
  name: 'metrics.subscribe',
  summary: 'A metric as it is now, and again whenever it has changed',
  permission: 'tail',
  params: z.looseObject({
    ...metricParams,
    everyMs: z.int().min(50).max(LONGEST_MS).default(1_000).describe('Least time between two updates.'),
  }),
  async run({ params, principal, reader, context, session, outbox, requestId }) {
    const { everyMs, ...asked } = params
    const { name, window } = askedMetric(asked)
    await context.reading.record(principal, 'metrics', { metric: name })
    // What cannot be measured is refused here, before there is a place to leave.
    await reader.metric(name, window)
    const subscription = await session.add(async id => {
      let end = (_: StopReason): void => {}
      const place = context.live.enter(principal, reason => end(reason))
      const watched = metricSubscription(
        { id, place, values: reader.metrics(name, window, { everyMs })[Symbol.asyncIterator]() },
        outbox,
        error => context.log.error({ requestId, err: error }, 'stream failed'),
      )
      end = reason => watched.end(reason)
      return watched
    })
    return { result: { subscription }, after: () => session.start(subscription) }
  },
})
