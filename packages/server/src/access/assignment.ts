import { AnnalsError } from 'annals/model'
import {
  ALL,
  and,
  checkScope,
  filter,
  NOTHING,
  or,
  parseQuery,
  printQuery,
  type Query,
  resolveQuery,
  type Scope,
} from 'annals/query'
import type { Permission } from './permission.ts'
import type { Role } from './roles.ts'

/** Whom or what a role is about: it narrows the role, and never widens it. */
export interface Assignment {
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  /** Who `me` is. */
  readonly subject?: { readonly type: string; readonly id: string } | undefined
  /** Query that narrows the role further. */
  readonly filter?: string | undefined
  /** Instant, ISO 8601: nothing that was recorded before it is shown. So a new owner need not see what was before them. */
  readonly since?: string | undefined
}

/** What somebody did or what was done to them: type and id are compared, so that no name or odd id can pose as them. */
const OWN = parseQuery('actor:me OR target:me')
const PUBLIC = parseQuery('visibility:public')
/** Where others were, and with what. */
const OF_OTHERS = [
  '/origin/ip',
  '/origin/userAgent',
  '/origin/sessionId',
  '/actor/credential',
  '/actor/onBehalfOf/credential',
  '/actor/onBehalfOf/onBehalfOf/credential',
  '/actor/onBehalfOf/onBehalfOf/onBehalfOf',
]
/** Where somebody else acted for them, the address is that other's. */
const BY_ME_ALONE = 'actor:me -is:impersonated'

/**
 * What a role shows to one it was given to.
 *
 * @throws TypeError when the assignment lacks what the role needs
 * @example
 * ```ts
 * scopeOf(roleNamed('tenant-admin') as Role, { tenant: 'acme' }).filter // 'tenant=acme'
 * ```
 */
export function scopeOf(role: Role, assignment: Assignment): Scope {
  for (const need of role.needs)
    if (assignment[need] === undefined) throw new TypeError(`role ${role.name} needs a ${need}`)
  const { subject, tenant, filter: more = '', since } = assignment
  // Joined as queries, not as text: no part can end its brackets and begin something else.
  const parts = [
    areaOf(role, assignment),
    ...(tenant === undefined ? [] : [exactly('tenant', tenant)]),
    ...(since === undefined ? [] : [parseQuery(`recorded:${since}..`)]),
    parseQuery(more),
  ]
  return {
    filter: printQuery(and(parts)),
    level: role.area === 'project' && subject !== undefined ? 'owner' : role.level,
    masks: role.masksOthers ? [maskOf(subject)] : [],
    ...(subject === undefined ? {} : { me: subject }),
  }
}

/** What a role permits to one it was given to: who is shown a part of the log does not operate the whole of it. */
export function permissionsOf(
  role: Role,
  { tenant, project, filter, since }: Assignment,
): readonly Permission[] {
  const isWhole = [tenant, project, filter, since].every(part => part === undefined || part === '')
  return isWhole ? role.permissions : role.permissions.filter(permission => permission !== 'operate')
}

/**
 * Checks an assignment that came from outside.
 *
 * @throws AnnalsError ANNALS_INVALID with the path, ANNALS_QUERY for a filter that is none
 */
export function checkAssignment(role: Role, assignment: Assignment): Scope {
  for (const need of role.needs)
    if (assignment[need] === undefined)
      throw new AnnalsError('ANNALS_INVALID', `/${need}: the role ${role.name} needs it`, {
        path: `/${need}`,
      })
  const scope = scopeOf(role, assignment)
  checkMeaning(scope)
  return scope
}

/**
 * Checks that a scope can be asked with: a filter may be well-formed and still mean nothing, such as `ip:x`.
 *
 * @throws AnnalsError ANNALS_INVALID with the path, ANNALS_QUERY
 */
export function checkMeaning(scope: Scope): void {
  const context = { now: Date.now(), me: scope.me }
  for (const query of [scope.filter, ...scope.masks.map(mask => mask.unless ?? '')])
    resolveQuery(parseQuery(query), context)
  checkScope(scope)
}

/** Whether a scope shows nothing but what `me` did or what was done to them. */
export function isOwn({ filter, me }: Scope): boolean {
  return me !== undefined && meansOwn(parseQuery(filter))
}

function meansOwn(query: Query): boolean {
  if (query.kind === 'and') return query.of.some(meansOwn)
  if (query.kind === 'or') return query.of.every(meansOwn)
  if (query.kind !== 'filter' || query.op !== ':') return false
  const isName = query.field === 'actor' || query.field === 'target'
  return isName && query.values.every(value => value.kind === 'text' && value.text === 'me')
}

function areaOf(role: Role, { project, subject }: Assignment): Query {
  const inProject = project === undefined ? ALL : exactly('project', project)
  switch (role.area) {
    case 'nothing':
      return NOTHING
    case 'own':
      return and([OWN, inProject])
    case 'everything':
      return inProject
    case 'project': {
      const shown = role.level === 'public' && subject !== undefined ? PUBLIC : ALL
      return subject === undefined ? inProject : or([and([inProject, shown]), OWN])
    }
  }
}

function maskOf(subject: Assignment['subject']): Scope['masks'][number] {
  return { paths: OF_OTHERS, ...(subject === undefined ? {} : { unless: BY_ME_ALONE }) }
}

function exactly(field: 'tenant' | 'project', value: string): Query {
  return filter(field, '=', [{ kind: 'text', text: value }])
}
