import { z } from 'zod'
import { defineRoute, type Route } from '../http/route.ts'

/** Whether the server should be sent requests. */
export const ready: Route = defineRoute({
  id: 'ready',
  method: 'GET',
  path: '/readyz',
  tag: 'status',
  summary: 'Should it be sent requests?',
  responses: {
    200: { description: 'It should.', schema: z.strictObject({ status: z.literal('ready') }) },
    503: {
      description: 'It should not: it stops, or an append has just failed.',
      schema: z.strictObject({ status: z.literal('not ready'), reason: z.enum(['stopping', 'recording']) }),
    },
  },
  async handle(_call, { status }) {
    const reason = await status.notReady()
    if (reason === undefined) return { json: { status: 'ready' } }
    return { status: 503, headers: { 'Retry-After': '5' }, json: { status: 'not ready', reason } }
  },
})
