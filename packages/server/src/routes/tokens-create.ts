import { z } from 'zod'
import { newKeySchema } from '../access/key-schema.ts'
import { defineRoute } from '../http/route.ts'
import { keyAnswer, keyAnswerSchema } from './key-answer.ts'

/** Makes an API key. */
export const createToken = defineRoute({
  id: 'createToken',
  method: 'POST',
  path: '/v1/tokens',
  tag: 'access',
  summary: 'Makes an API key; its token is answered once',
  permission: 'operate',
  body: newKeySchema,
  bodyLimit: 64 * 1024,
  responses: {
    201: {
      description: 'The key, and the token to send: kept nowhere, so keep it.',
      schema: z.strictObject({ token: z.string(), key: keyAnswerSchema }),
    },
  },
  async handle({ body, principal }, { keys }) {
    const { key, token } = await keys.create(body, principal)
    return { status: 201, json: { token, key: keyAnswer(key, keys) } }
  },
})
