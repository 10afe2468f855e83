import { AnnalsError } from 'annals/model'
import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'
import { eventParameter, namesParameter } from './parameters.ts'

/** The portable proof of one event. */
export const getReceipt: Route = defineRoute({
  id: 'getReceipt',
  method: 'GET',
  path: '/v1/events/:id/receipt',
  tag: 'proofs',
  summary: 'The proof that one event is in the log',
  permission: 'verify',
  params: z.strictObject({ id: eventParameter }),
  query: z.strictObject({
    disclose: namesParameter(20).default([]).describe('Parts that go with it, whole: names, or `all`.'),
  }),
  responses: { 200: { description: 'C2SP tlog-proof.', type: 'text/plain; charset=utf-8' } },
  async handle({ params, query, principal, reader }, { reading }) {
    const disclose = query.disclose.includes('all') ? 'all' : query.disclose
    if (disclose.length > 0 && !principal.permissions.has('read')) {
      throw new AnnalsError('ANNALS_DENIED', 'Parts of an event are for those who may read it.', {
        path: 'disclose',
        hint: 'A receipt without them proves as much.',
      })
    }
    // Asked first: that somebody asked for what is not there is nothing that was read.
    const text = await reader.receipt(params.id, { disclose })
    await reading.record(principal, 'receipt', { event: params.id, disclose })
    return { type: 'text/plain; charset=utf-8', bytes: text }
  },
})
