import { VISIBILITIES, type Visibility } from 'annals/model'
import { levelOf, scopesOf } from 'annals/query'
import { z } from 'zod'
import { partySchema } from '../access/key-schema.ts'
import { PERMISSIONS, type Permission } from '../access/permission.ts'
import { ROLE_NAMES } from '../access/roles.ts'
import { defineRoute } from '../http/route.ts'

const answer = z.strictObject({
  name: z.string().optional(),
  actor: partySchema.describe('As the log is told.'),
  role: z.enum(['viewer', ...ROLE_NAMES]),
  permissions: z.array(z.enum(PERMISSIONS as [Permission, ...Permission[]])),
  filter: z.string().describe('Query that every event shown meets; empty: every event.'),
  level: z.enum(VISIBILITIES as [Visibility, ...Visibility[]]).describe('The most privileged events shown.'),
  masks: z
    .array(z.strictObject({ paths: z.array(z.string()), unless: z.string().optional() }))
    .describe('Fields that are withheld, but in events that meet `unless`.'),
  me: partySchema.optional().describe('Who `me` is in queries.'),
  tenant: z.string().optional(),
  project: z.string().optional(),
  expiresAt: z.string().optional(),
})

/** Who asks, and what they may see and do. */
export const whoami = defineRoute({
  id: 'whoami',
  method: 'GET',
  path: '/v1/whoami',
  tag: 'access',
  summary: 'Who you are here, and what you may see and do',
  permission: 'any',
  responses: { 200: { description: 'What the token gives.', schema: answer } },
  async handle({ principal }) {
    const { actor, role, permissions, scope, tenant, project, expiresAt } = principal
    return {
      json: {
        name: actor.name,
        actor: { type: actor.type, id: actor.id },
        role,
        permissions: PERMISSIONS.filter(one => permissions.has(one)),
        filter: scope.filter,
        level: levelOf(scope),
        masks: scopesOf(scope).flatMap(one => one.masks),
        me: scope.me,
        tenant,
        project,
        expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
      },
    }
  },
})
