import { z } from 'zod'
import { ROLE_NAMES, type RoleName } from './roles.ts'

/** What an API key may be given of the permissions of its role. */
export type KeyScope = 'record' | 'read' | 'export' | 'verify' | 'operate'

/** Every scope of a key. */
export const KEY_SCOPES: readonly KeyScope[] = ['record', 'read', 'export', 'verify', 'operate']

const TEXT = 512

/** Text of so many bytes that UTF-8 can carry, not empty. */
function text(longest: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine(value => value.isWellFormed(), 'holds half a character')
    .refine(value => Buffer.byteLength(value) <= longest, `has more than ${longest} bytes`)
}

/** Type and id of somebody or something. */
export const partySchema: z.ZodObject<{ type: z.ZodString; id: z.ZodString }, z.core.$strict> =
  z.strictObject({
    type: text(TEXT),
    id: text(TEXT),
  })

/** An instant with its zone; kept in UTC. */
export const instantSchema: z.ZodType<string, string> = z.iso
  .datetime({ offset: true })
  .transform(text => new Date(text).toISOString())

/** What a key is given to: see Assignment. */
const assignmentShape = {
  tenant: text(TEXT).optional(),
  project: text(TEXT).optional(),
  subject: partySchema.optional().describe('Who `me` is.'),
  filter: z.string().min(1).max(2_000).optional().describe('Query that narrows the role further.'),
  since: instantSchema.optional().describe('Nothing recorded before it is shown.'),
}

const wantedShape = {
  name: text(200)
    .refine(name => name.trim() !== '', 'is blank')
    .describe('For people.'),
  role: z.enum(ROLE_NAMES as [RoleName, ...RoleName[]]),
  scopes: z
    .array(z.enum(KEY_SCOPES as [KeyScope, ...KeyScope[]]))
    .min(1)
    .max(KEY_SCOPES.length)
    .optional()
    .describe('All that the role has, unless told.'),
  expiresAt: instantSchema.optional(),
  ...assignmentShape,
}

/** A key as it is asked for. */
export const newKeySchema: z.ZodType<NewKey> = z.strictObject(wantedShape)

/** A key as it is kept: the secret is not in it. */
export const apiKeySchema: z.ZodType<ApiKey> = z.strictObject({
  ...wantedShape,
  id: z.string().regex(/^[\da-f]{16}$/),
  scopes: wantedShape.scopes.unwrap(),
  hash: z.string().regex(/^[\da-f]{64}$/),
  createdAt: instantSchema,
  revokedAt: instantSchema.optional(),
})

/** What a new key is to be. */
export interface NewKey {
  readonly name: string
  readonly role: RoleName
  /** @defaultValue all that the role has */
  readonly scopes?: readonly KeyScope[] | undefined
  /** ISO 8601. @defaultValue never */
  readonly expiresAt?: string | undefined
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  /** Who `me` is. */
  readonly subject?: { readonly type: string; readonly id: string } | undefined
  /** Query that narrows the role further. */
  readonly filter?: string | undefined
  /** Nothing recorded before it is shown. */
  readonly since?: string | undefined
}

/** An API key as it is kept. */
export interface ApiKey extends NewKey {
  /** 16 hex characters. */
  readonly id: string
  readonly scopes: readonly KeyScope[]
  /** SHA-256 of the secret, hex: the secret has 256 random bits, so nothing slower is needed. */
  readonly hash: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly revokedAt?: string | undefined
}
