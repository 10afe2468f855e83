import { z } from 'zod'
import { defineRoute } from '../http/route.ts'

/** The process answers. */
export const health = defineRoute({
  id: 'health',
  method: 'GET',
  path: '/healthz',
  tag: 'status',
  summary: 'Is the process alive?',
  responses: { 200: { description: 'It is.', schema: z.strictObject({ status: z.literal('ok') }) } },
  handle: async () => ({ json: { status: 'ok' } }),
})
