import type { Scope } from 'annals'
import type { Actor, Origin } from 'annals/model'
import type { Permission } from './permission.ts'
import type { RoleName } from './roles.ts'

/** Who asks, and what they may do. Made by authentication alone; every question to the log goes through its scope. */
export interface Principal {
  /** As the log's own record of reading and changing names it. */
  readonly actor: Actor
  readonly role: RoleName | 'viewer'
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
  /** Whatever else's end is the end of the credential: `key:ID` that it was made with, `subject:TYPE/ID` that it was made for. */
  readonly basis?: readonly string[] | undefined
  /** When the credential was made, ms since the epoch, where that decides whether it is revoked. */
  readonly issuedAt?: number | undefined
  /** When the credential ends, ms since the epoch; streams end then, too: see Credentials. */
  readonly expiresAt?: number | undefined
  /** Where this request comes from. */
  readonly origin?: Origin | undefined
}
