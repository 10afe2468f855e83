import type { Scope } from 'annals'
import type { Actor } from 'annals/model'
import type { Permission } from './permission.ts'
import type { RoleName } from './roles.ts'

/** Who asks, and what they may do. Made by authentication alone; every question to the log goes through its scope. */
export interface Principal {
  /** As the log's own record of reading and changing names it. */
  readonly actor: Actor
  readonly role: RoleName
  readonly permissions: ReadonlySet<Permission>
  /** What is shown. */
  readonly scope: Scope
  /** Whether the scope shows nothing but what the principal did or what was done to them: reading that needs no record. */
  readonly own: boolean
  /** Tenant that recorded events must have, and get where they name none. @defaultValue any */
  readonly tenant?: string | undefined
  /** Project likewise. */
  readonly project?: string | undefined
  /** Identifies the credential for limits and revocation: `key:ID`, `jwt:ISSUER:SUB`, `viewer:JTI`. */
  readonly credential: string
  /** When the credential ends, ms since the epoch; streams end then, too. */
  readonly expiresAt?: number | undefined
}
