import type { Mask, Scope } from 'annals'
import type { Visibility } from 'annals/model'
import { filter, or, parseQuery, printQuery } from 'annals/query'
import type { Permission } from './permission.ts'

/** A default role. */
export type RoleName = 'operator' | 'tenant-admin' | 'owner' | 'maintainer' | 'user' | 'auditor' | 'recorder'

/** Whom or what a role is about. */
export interface Assignment {
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  /** Who `me` is. */
  readonly subject?: { readonly type: string; readonly id: string } | undefined
  /** Query that narrows the role further. */
  readonly filter?: string | undefined
}

/** What a role may see and do. */
export interface Role {
  readonly name: RoleName
  readonly summary: string
  /** Fields of the assignment without which the role cannot be given. */
  readonly needs: readonly ('tenant' | 'project' | 'subject')[]
  readonly level: Visibility
  /** Whether the addresses of others are withheld. */
  readonly masksOthers: boolean
  readonly permissions: readonly Permission[]
}

/** Where others were, and with what. */
const OTHERS: Mask = { paths: ['/origin/ip', '/origin/userAgent', '/origin/sessionId', '/actor/credential'] }

/** The default roles. Adding one is one entry. */
export const ROLES: readonly Role[] = [
  {
    name: 'operator',
    summary: 'sees and does everything',
    needs: [],
    level: 'operator',
    masksOthers: false,
    permissions: ['record', 'read', 'tail', 'export', 'verify', 'operate', 'mint'],
  },
  {
    name: 'tenant-admin',
    summary: 'sees a tenant, without internal fields',
    needs: ['tenant'],
    level: 'owner',
    masksOthers: false,
    permissions: ['read', 'tail', 'export', 'verify', 'mint'],
  },
  {
    name: 'owner',
    summary: 'sees a project, without the addresses of others',
    needs: ['project'],
    level: 'owner',
    masksOthers: true,
    permissions: ['read', 'tail', 'export', 'mint'],
  },
  {
    name: 'maintainer',
    summary: 'sees the public events of a project',
    needs: ['project'],
    level: 'public',
    masksOthers: true,
    permissions: ['read', 'tail'],
  },
  {
    name: 'user',
    summary: 'sees what they did and what was done to them',
    needs: ['subject'],
    level: 'owner',
    masksOthers: true,
    permissions: ['read', 'tail', 'export'],
  },
  {
    name: 'auditor',
    summary: 'reads and verifies, without internal fields',
    needs: [],
    level: 'owner',
    masksOthers: false,
    permissions: ['read', 'tail', 'export', 'verify'],
  },
  {
    name: 'recorder',
    summary: 'records, and sees nothing',
    needs: [],
    level: 'public',
    masksOthers: true,
    permissions: ['record'],
  },
]

/** The role of a name; undefined when there is none. */
export function roleNamed(name: string): Role | undefined {
  return ROLES.find(role => role.name === name)
}

/**
 * What a role shows to one it was given to.
 *
 * @throws TypeError when the assignment lacks what the role needs
 */
export function scopeOf(role: Role, assignment: Assignment): Scope {
  const { tenant, project, subject, filter: more } = assignment
  for (const need of role.needs)
    if (assignment[need] === undefined) throw new TypeError(`role ${role.name} needs a ${need}`)
  const parts: string[] = []
  if (role.name === 'recorder') parts.push('index:..0')
  if (tenant !== undefined) parts.push(printQuery(filter('tenant', '=', [{ kind: 'text', text: tenant }])))
  if (project !== undefined) parts.push(printQuery(filter('project', '=', [{ kind: 'text', text: project }])))
  if (role.name === 'user' && subject !== undefined) {
    const name = { kind: 'text', text: `${subject.type}/${subject.id}` } as const
    parts.push(printQuery(or([parseQuery('actor:me'), filter('target', '=', [name])])))
  }
  if (more !== undefined && more !== '') parts.push(more)
  return {
    filter: parts.map(part => `(${part})`).join(' AND '),
    level: role.level,
    masks: role.masksOthers ? [{ ...OTHERS, ...(subject === undefined ? {} : { unless: 'actor:me' }) }] : [],
    ...(subject === undefined ? {} : { me: subject }),
  }
}
