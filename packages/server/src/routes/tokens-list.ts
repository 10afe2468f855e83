import { z } from 'zod'
import { MAX_KEYS } from '../access/api-keys.ts'
import { defineRoute } from '../http/route.ts'
import { keyAnswer, keyAnswerSchema } from './key-answer.ts'

/** Every API key, without its secret. */
export const listTokens = defineRoute({
  id: 'listTokens',
  method: 'GET',
  path: '/v1/tokens',
  tag: 'access',
  summary: 'API keys, oldest first; never their secrets',
  permission: 'operate',
  responses: {
    200: {
      description: 'The keys, those that have ended too.',
      schema: z.strictObject({ tokens: z.array(keyAnswerSchema).max(MAX_KEYS) }),
    },
  },
  handle: async (_, { keys }) => ({ json: { tokens: keys.list.map(key => keyAnswer(key, keys)) } }),
})
