import type { Visibility } from 'annals/model'
import type { Permission } from './permission.ts'

/** A default role. */
export type RoleName = 'operator' | 'tenant-admin' | 'owner' | 'maintainer' | 'user' | 'auditor' | 'recorder'

/** What a role may see and do. Data: what it comes to for somebody is `scopeOf` and `permissionsOf`. */
export interface Role {
  readonly name: RoleName
  readonly summary: string
  /** Fields of the assignment without which the role cannot be given. */
  readonly needs: readonly ('tenant' | 'project' | 'subject')[]
  /**
   * What of the log it shows, before an assignment narrows it: everything; a project, and with a subject their own events
   * wherever they lie; own events; nothing.
   */
  readonly area: 'everything' | 'project' | 'own' | 'nothing'
  /** The most privileged events that it shows. */
  readonly level: Visibility
  /** Whether the addresses of others are withheld. */
  readonly masksOthers: boolean
  /** Whether a key with it must end. */
  readonly timeBoxed: boolean
  readonly permissions: readonly Permission[]
}

/** The default roles. Adding one is one entry, and its readers in the matrix of the tests. */
export const ROLES: readonly Role[] = [
  {
    name: 'operator',
    summary: 'sees and does everything',
    needs: [],
    area: 'everything',
    level: 'operator',
    masksOthers: false,
    timeBoxed: false,
    permissions: ['record', 'read', 'tail', 'export', 'verify', 'operate', 'mint'],
  },
  {
    name: 'tenant-admin',
    summary: 'sees a tenant, without internal fields',
    needs: ['tenant'],
    area: 'everything',
    level: 'owner',
    masksOthers: false,
    timeBoxed: false,
    permissions: ['read', 'tail', 'export', 'verify', 'mint'],
  },
  {
    name: 'owner',
    summary: 'sees a project, without the addresses of others',
    needs: ['project'],
    area: 'project',
    level: 'owner',
    masksOthers: true,
    timeBoxed: false,
    permissions: ['read', 'tail', 'export', 'mint'],
  },
  {
    name: 'maintainer',
    summary: 'sees the public events of a project',
    needs: ['project'],
    area: 'project',
    level: 'public',
    masksOthers: true,
    timeBoxed: false,
    permissions: ['read', 'tail'],
  },
  {
    name: 'user',
    summary: 'sees what they did and what was done to them',
    needs: ['subject'],
    area: 'own',
    level: 'owner',
    masksOthers: true,
    timeBoxed: false,
    permissions: ['read', 'tail', 'export'],
  },
  {
    name: 'auditor',
    summary: 'reads and verifies for a time, without internal fields',
    needs: [],
    area: 'everything',
    level: 'owner',
    masksOthers: false,
    timeBoxed: true,
    permissions: ['read', 'tail', 'export', 'verify'],
  },
  {
    name: 'recorder',
    summary: 'records, and sees nothing',
    needs: [],
    area: 'nothing',
    level: 'public',
    masksOthers: true,
    timeBoxed: false,
    permissions: ['record'],
  },
]

/** Every name of a role. */
export const ROLE_NAMES: readonly RoleName[] = ROLES.map(role => role.name)

/** The role of a name; undefined when there is none. */
export function roleNamed(name: string): Role | undefined {
  return ROLES.find(role => role.name === name)
}
