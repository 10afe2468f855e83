import { z } from 'zod'
import type { ApiKeys } from '../access/api-keys.ts'
import { type ApiKey, KEY_SCOPES, type KeyScope, partySchema } from '../access/key-schema.ts'
import { ROLE_NAMES } from '../access/roles.ts'

const instant = z.iso.datetime()

/** A key as the API answers it: neither the secret nor its hash. */
export const keyAnswerSchema: z.ZodType = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLE_NAMES),
    scopes: z.array(z.enum(KEY_SCOPES as [KeyScope, ...KeyScope[]])),
    tenant: z.string().optional(),
    project: z.string().optional(),
    subject: partySchema.optional(),
    filter: z.string().optional(),
    since: instant.optional(),
    createdAt: instant,
    expiresAt: instant.optional(),
    revokedAt: instant.optional(),
    lastUsedAt: instant.optional().describe('To the minute; since the server started.'),
  })
  .meta({ id: 'ApiKey' })

/** A key without its hash, and when it was last used. */
export function keyAnswer({ hash: _, ...key }: ApiKey, keys: ApiKeys): object {
  const lastUsedAt = keys.lastUsed(key.id)
  return { ...key, ...(lastUsedAt === undefined ? {} : { lastUsedAt }) }
}
