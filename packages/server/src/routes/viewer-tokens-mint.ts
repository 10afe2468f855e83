import { VISIBILITIES, type Visibility } from 'annals/model'
import { z } from 'zod'
import type { Permission } from '../access/permission.ts'
import { personSchema } from '../access/viewer-claims.ts'
import { VIEWER_PERMISSIONS, VIEWER_SECONDS } from '../access/viewer-grant.ts'
import { defineRoute } from '../http/route.ts'

const pathSchema = z.string().min(1).max(512)
/** A path, withheld in every event; or paths with the query of the events that are spared. */
const maskSchema = z.union([
  pathSchema.transform(path => ({ paths: [path] })),
  z.strictObject({
    paths: z.array(pathSchema).min(1).max(32),
    unless: z.string().min(1).max(2_000).optional(),
  }),
])

const bodySchema = z.strictObject({
  filter: z.string().max(2_000).optional().describe('Query that every event shown meets.'),
  level: z.enum(VISIBILITIES as [Visibility, ...Visibility[]]).optional(),
  masks: z
    .array(maskSchema)
    .max(32)
    .optional()
    .describe('Fields that are withheld, as JSON pointers into an event: /origin/ip, /data/salary, /actor.'),
  permissions: z
    .array(z.enum(VIEWER_PERMISSIONS as [Permission, ...Permission[]]))
    .min(1)
    .max(VIEWER_PERMISSIONS.length)
    .optional(),
  ttlSeconds: z.int().min(1).max(VIEWER_SECONDS).optional(),
  me: personSchema.optional().describe('Who `me` is in queries.'),
  actAs: personSchema.optional().describe('Who looks, as the log is told.'),
})

/** Makes a viewer token. */
export const mintViewerToken = defineRoute({
  id: 'mintViewerToken',
  method: 'POST',
  path: '/v1/viewer-tokens',
  tag: 'access',
  summary: 'Makes a short-lived token for a page; it shows no more than its maker sees',
  permission: 'mint',
  body: bodySchema,
  bodyLimit: 64 * 1024,
  responses: {
    201: {
      description: 'The token. It lives for at most 15 minutes and ends with the key that made it.',
      schema: z.strictObject({ token: z.string(), id: z.uuid(), expiresAt: z.string() }),
    },
  },
  handle: async ({ body, principal }, { viewerTokens }) => ({
    status: 201,
    json: await viewerTokens.mint(principal, body),
  }),
})
