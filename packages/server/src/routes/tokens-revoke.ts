import { z } from 'zod'
import { defineRoute } from '../http/route.ts'
import { keyAnswer, keyAnswerSchema } from './key-answer.ts'

/** Ends an API key. */
export const revokeToken = defineRoute({
  id: 'revokeToken',
  method: 'DELETE',
  path: '/v1/tokens/:id',
  tag: 'access',
  summary: 'Ends an API key, its live streams and the viewer tokens made with it, at once and for ever',
  permission: 'operate',
  params: z.strictObject({ id: z.string().regex(/^[\da-f]{16}$/, 'must be the 16 hex characters of a key') }),
  responses: {
    200: { description: 'The key, ended.', schema: z.strictObject({ key: keyAnswerSchema }) },
  },
  async handle({ params, principal }, { keys }) {
    return { json: { key: keyAnswer(await keys.revoke(params.id, principal), keys) } }
  },
})
