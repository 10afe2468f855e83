import { z } from 'zod'
import { partySchema } from '../access/key-schema.ts'
import { VIEWER_SECONDS } from '../access/viewer-grant.ts'
import { defineRoute } from '../http/route.ts'

/** Ends the viewer tokens of somebody. */
export const revokeViewerTokens = defineRoute({
  id: 'revokeViewerTokens',
  method: 'DELETE',
  path: '/v1/viewer-tokens/by-subject/:type/:id',
  tag: 'access',
  summary:
    'Ends every viewer token that is out for somebody; without the permission to operate, those one made oneself',
  permission: 'mint',
  params: partySchema,
  responses: {
    200: {
      description: 'They have ended; so have their live streams. New ones can be made.',
      schema: z.strictObject({
        revokedBefore: z.string().describe('Tokens made until then are ended.'),
        keptUntil: z.string().describe('Until then this is remembered: no such token lives longer.'),
      }),
    },
  },
  async handle({ params, principal }, { viewerTokens }) {
    const { at } = await viewerTokens.revokeSubject(params, principal)
    return {
      json: {
        revokedBefore: new Date(at).toISOString(),
        keptUntil: new Date(at + VIEWER_SECONDS * 1000).toISOString(),
      },
    }
  },
})
