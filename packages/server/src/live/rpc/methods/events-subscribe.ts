import { AnnalsError } from 'annals/model'
import { z } from 'zod'
import { orderParameter } from '../../../routes/parameters.ts'
import { openDelivery } from '../../open-delivery.ts'
import { eventSubscription } from '../event-subscription.ts'
import { defineMethod } from '../method.ts'
import { askedQuery, readingParams } from './reading-params.ts'

/** Replays events, then sends what comes: `events.event` each, then `events.end`. */
export const eventsSubscribe = defineMethod({
  name: 'events.subscribe',
  summary: 'Replays events, then sends what comes, each as a notification',
  permission: 'tail',
  params: z.strictObject({
    ...readingParams,
    order: orderParameter.default('asc'),
    limit: z.int().min(0).optional(),
    follow: z.boolean().default(true),
  }),
  async run({ params, principal, reader, context, session, outbox, requestId }) {
    const { query: _, paths: __, ...options } = params
    if (options.follow && options.order === 'desc') {
      throw new AnnalsError('ANNALS_INVALID', 'A live reader is ascending.', {
        path: '/order',
        hint: 'Set follow to false to read the newest first.',
      })
    }
    const query = await askedQuery(params, reader)
    await context.reading.record(principal, 'stream', { query })
    const id = await session.add(async name =>
      eventSubscription(
        name,
        await openDelivery(context.live, principal, reader, query, options),
        outbox,
        error => context.log.error({ requestId, err: error }, 'stream failed'),
      ),
    )
    return { result: { subscription: id, watermark: reader.size }, after: () => session.start(id) }
  },
})
