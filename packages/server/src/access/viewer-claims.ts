import type { Scope } from 'annals'
import { VISIBILITIES, type Visibility } from 'annals/model'
import { z } from 'zod'
import { partySchema } from './key-schema.ts'
import { PERMISSIONS, type Permission } from './permission.ts'

const levelSchema = z.enum(VISIBILITIES as [Visibility, ...Visibility[]])
const scopeShape = {
  filter: z.string(),
  level: levelSchema,
  masks: z.array(z.strictObject({ paths: z.array(z.string()), unless: z.string().optional() })),
  me: partySchema.optional(),
}

/** A scope as a token carries it. */
const scopeSchema: z.ZodType<Scope> = z.strictObject({
  ...scopeShape,
  within: z.lazy(() => scopeSchema).optional(),
})

/** Somebody, with the name that they go by. */
export const personSchema: z.ZodType<Person> = z.strictObject({
  ...partySchema.shape,
  name: partySchema.shape.id.optional(),
})

/** Somebody, with the name that they go by. */
export interface Person {
  readonly type: string
  readonly id: string
  readonly name?: string | undefined
}

/** What a viewer token says, besides what every JWT does. */
export interface ViewerClaims {
  readonly scope: Scope
  readonly permissions: readonly Permission[]
  /** Who looks, as the log is told. */
  readonly actor: Person
  /** Credential that made it. */
  readonly maker: string
  /** What it ends with: `key:ID`, `subject:TYPE/ID`. */
  readonly basis: readonly string[]
  /** Those of its maker. */
  readonly tenant?: string | undefined
  readonly project?: string | undefined
}

/** The claims of a viewer token; other claims are JWT's own. */
export const viewerClaimsSchema: z.ZodType<
  ViewerClaims & { readonly jti: string; readonly iat: number; readonly exp: number }
> = z.object({
  jti: z.uuid(),
  iat: z.number(),
  exp: z.number(),
  scope: scopeSchema,
  permissions: z.array(z.enum(PERMISSIONS as [Permission, ...Permission[]])),
  actor: personSchema,
  maker: z.string(),
  basis: z.array(z.string()),
  tenant: z.string().optional(),
  project: z.string().optional(),
})
