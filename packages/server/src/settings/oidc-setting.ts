import { z } from 'zod'
import { ROLE_NAMES, type RoleName } from '../access/roles.ts'
import { webAddressSchema } from './values.ts'

/** Signatures by private keys. None without a key, and none by a secret: whoever checks could sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** Name of a claim, or a JSON pointer to one within: `/realm_access/roles`. */
const claimSchema = z.string().min(1).max(256)

const claimsSchema = z.strictObject({
  role: claimSchema.default('role').describe('Claim with a role or a list of them, see roleMap.'),
  subject: claimSchema.default('sub').describe('Claim with the id of the person or program.'),
  name: claimSchema.default('name').describe('Claim with their name.'),
  subjectType: claimSchema.optional().describe('Claim with the type of the subject.'),
  tenant: claimSchema.optional().describe('Claim with the tenant; a token without it is refused.'),
  project: claimSchema.optional().describe('Claim with the project.'),
  since: claimSchema.optional().describe('Claim with an instant: nothing recorded before it is shown.'),
})

/** An issuer of tokens (OpenID Connect, or any JWT with a JWK set) that is believed. */
export const oidcSchema: z.ZodType<OidcIssuer, unknown> = z
  .strictObject({
    issuer: webAddressSchema.describe('Value of `iss`, exactly.'),
    jwksUri: webAddressSchema.optional().describe('Where its keys are; the issuer is asked unless told.'),
    audience: z
      .union([z.string().min(1).max(512), z.array(z.string().min(1).max(512)).min(1).max(16)])
      .transform(one => [one].flat())
      .describe('Value of `aud` that is meant for this server.'),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default([...ALGORITHMS]),
    claims: claimsSchema.prefault({}),
    roleMap: z
      .record(z.string().min(1).max(256), z.enum(ROLE_NAMES as [RoleName, ...RoleName[]]))
      .describe('Role of each value of the role claim. Other values give none.'),
    tenant: z.string().min(1).max(512).optional().describe('Tenant of everyone of this issuer.'),
    subjectType: z
      .string()
      .min(1)
      .max(64)
      .default('user')
      .describe('Type of its subjects. Issuers that number people alike need one each.'),
    cooldownSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(30)
      .describe('Seconds between two looks for a key that is not known.'),
    allowHttp: z.boolean().default(false).describe('Whether http is taken. On this machine only.'),
  })
  .superRefine((issuer, context) => {
    for (const name of ['issuer', 'jwksUri'] as const) {
      const address = issuer[name]
      if (address !== undefined && !isSafe(address, issuer.allowHttp))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'must be an https URL; http needs allowHttp and an address of this machine',
        })
    }
  })

/** Settings of an issuer, complete. */
export interface OidcIssuer {
  readonly issuer: string
  readonly jwksUri?: string | undefined
  readonly audience: readonly string[]
  readonly algorithms: readonly string[]
  readonly claims: z.output<typeof claimsSchema>
  readonly roleMap: Readonly<Record<string, RoleName>>
  readonly tenant?: string | undefined
  readonly subjectType: string
  readonly cooldownSeconds: number
  readonly allowHttp: boolean
}

/** Whether what comes from an address can be believed: encrypted, or not over a network at all. */
export function isSafe(address: string, allowHttp: boolean): boolean {
  const url = URL.parse(address)
  if (url?.protocol === 'https:') return true
  return allowHttp && url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
}
