import { z } from 'zod'
import { answeredByPage } from '../../../gaps/answered.ts'
import { answerOf } from '../../../routes/answer.ts'
import { orderParameter } from '../../../routes/parameters.ts'
import { defineMethod } from '../method.ts'
import { askedQuery, readingParams } from './reading-params.ts'

/** One page of events. */
export const eventsGet = defineMethod({
  name: 'events.get',
  summary: 'One page of events, oldest first unless told',
  permission: 'read',
  params: z.strictObject({
    ...readingParams,
    order: orderParameter.optional(),
    limit: z.int().min(0).max(1_000).default(50),
    cursor: z.string().max(512).optional(),
  }),
  async run({ params, principal, reader, context, requestId }) {
    const { query: _, paths: __, order, ...options } = params
    const query = await askedQuery(params, reader)
    await context.reading.record(principal, 'list', { query })
    const found = await reader.find(query, {
      ...options,
      // A cursor has its order.
      order: order ?? (options.cursor === undefined ? 'asc' : undefined),
    })
    const { events, next, previous, ...facts } = found
    const content = {
      events,
      ...(next === undefined ? {} : { next }),
      ...(previous === undefined ? {} : { previous }),
    }
    const told = context.gaps.told(principal, answeredByPage(query, found, options))
    return { result: answerOf(content, { ...facts, requestId, gaps: told }) }
  },
})
