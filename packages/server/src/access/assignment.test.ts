import type { LocalTrail, Scope } from 'annals'
import type { Actor, AuditEvent, Draft } from 'annals/model'
import { FULL_SCOPE } from 'annals/query'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryTrail } from '../testing/memory-trail.ts'
import { type Assignment, checkAssignment, isOwn, permissionsOf, scopeOf } from './assignment.ts'
import { type Role, type RoleName, roleNamed } from './roles.ts'

const U1 = { type: 'user', id: 'u1' }
const U2 = { type: 'user', id: 'u2' }
const ORIGIN = {
  ip: '10.9.8.7',
  userAgent: 'canary-agent',
  sessionId: 'canary-session',
  requestId: 'r1',
}
const CREDENTIAL = { type: 'key', id: 'canary-key' }

/** By name: who may see it is in the tests. */
const EVENTS: Readonly<Record<string, Omit<Draft, 'action'>>> = {
  mine: { actor: U1, tenant: 'acme', project: 'web', visibility: 'owner' },
  mineElsewhere: { actor: U1, tenant: 'acme', project: 'other', visibility: 'owner' },
  mineUmbra: { actor: U1, tenant: 'umbra', visibility: 'public' },
  onMe: { actor: U2, targets: [U1], tenant: 'acme', project: 'other', visibility: 'owner' },
  onMeAsSecond: { actor: U2, targets: [{ type: 'group', id: 'g' }, U1], tenant: 'acme', visibility: 'owner' },
  onMeHidden: { actor: U2, targets: [U1], tenant: 'acme', project: 'web', visibility: 'operator' },
  // A target of another type whose id is, letter for letter, the type and id of somebody.
  slashTarget: {
    actor: U2,
    targets: [{ type: 'file', id: 'user/u1' }],
    tenant: 'acme',
    project: 'x',
    visibility: 'public',
  },
  namedTarget: {
    actor: U2,
    targets: [{ ...U2, name: 'u1' }],
    tenant: 'acme',
    project: 'x',
    visibility: 'public',
  },
  splitTarget: {
    actor: U2,
    targets: [U2, { type: 'group', id: 'u1' }],
    tenant: 'acme',
    project: 'x',
    visibility: 'public',
  },
  slashActor: { actor: { type: 'x', id: 'user/u1', name: 'user/u1' }, tenant: 'acme', visibility: 'public' },
  publicWeb: { actor: U2, tenant: 'acme', project: 'web', visibility: 'public' },
  ownerWeb: { actor: U2, tenant: 'acme', project: 'web', visibility: 'owner' },
  operatorWeb: { actor: U2, tenant: 'acme', project: 'web', visibility: 'operator' },
  umbraWeb: { actor: U2, tenant: 'umbra', project: 'web', visibility: 'public' },
  nowhere: { actor: U2, visibility: 'public' },
}

describe('what a role shows', () => {
  let trail: LocalTrail
  let between: string
  beforeAll(async () => {
    trail = await memoryTrail()
    for (const [name, draft] of Object.entries(EVENTS)) await trail.record(`t.${name}`, draft)
    await trail.record('late', { actor: U2, tenant: 'acme', project: 'web', visibility: 'public' })
    between = (await trail.find('action:late')).events[0]?.recordedAt as string
  })
  afterAll(() => trail.close())

  const seen = async (scope: Scope): Promise<readonly string[]> =>
    (await trail.restrict(scope).find('action:t.*', { order: 'asc', limit: 100 })).events.map(event =>
      event.action.slice(2),
    )
  const shown = (name: RoleName, assignment: Assignment): Promise<readonly string[]> =>
    seen(checkAssignment(roleNamed(name) as Role, assignment))

  it('a user: what they did, and what was done to just them', async () => {
    expect(await shown('user', { subject: U1 })).toEqual([
      'mine',
      'mineElsewhere',
      'mineUmbra',
      'onMe',
      'onMeAsSecond',
    ])
    expect(await shown('user', { subject: U1, tenant: 'acme' })).not.toContain('mineUmbra')
    expect(await shown('user', { subject: U1, tenant: 'acme', project: 'other' })).toEqual([
      'mineElsewhere',
      'onMe',
    ])
    expect(await shown('user', { subject: { type: 'file', id: 'user/u1' } })).toEqual(['slashTarget'])
    expect(await shown('user', { subject: { type: 'us', id: 'er/u1' } })).toEqual([])
  })

  it('a maintainer: what is public in the project, and their own', async () => {
    expect(await shown('maintainer', { project: 'web' })).toEqual(['publicWeb', 'umbraWeb'])
    expect(await shown('maintainer', { project: 'web', tenant: 'acme' })).toEqual(['publicWeb'])
    expect(await shown('maintainer', { project: 'web', tenant: 'acme', subject: U1 })).toEqual([
      'mine',
      'mineElsewhere',
      'onMe',
      'onMeAsSecond',
      'publicWeb',
    ])
  })

  it('an owner: all of the project but what is for operators, and their own', async () => {
    expect(await shown('owner', { project: 'web', tenant: 'acme' })).toEqual([
      'mine',
      'publicWeb',
      'ownerWeb',
    ])
    expect(await shown('owner', { project: 'web' })).toContain('umbraWeb')
    expect(await shown('owner', { project: 'web', tenant: 'acme', subject: U1 })).toEqual([
      'mine',
      'mineElsewhere',
      'onMe',
      'onMeAsSecond',
      'publicWeb',
      'ownerWeb',
    ])
  })

  it('a tenant admin: the tenant but what is for operators; an auditor likewise, of all or a part', async () => {
    const acme = Object.keys(EVENTS).filter(
      name => EVENTS[name]?.tenant === 'acme' && EVENTS[name].visibility !== 'operator',
    )
    expect(await shown('tenant-admin', { tenant: 'acme' })).toEqual(acme)
    expect(await shown('auditor', { tenant: 'acme' })).toEqual(acme)
    expect(await shown('auditor', {})).toHaveLength(Object.keys(EVENTS).length - 2)
    expect(await shown('tenant-admin', { tenant: 'acme', project: 'web' })).toEqual([
      'mine',
      'publicWeb',
      'ownerWeb',
    ])
  })

  it('an operator everything, a recorder nothing', async () => {
    expect(await shown('operator', {})).toEqual(Object.keys(EVENTS))
    expect(await shown('recorder', {})).toEqual([])
    expect(await shown('recorder', { tenant: 'acme', subject: U1 })).toEqual([])
  })

  it('no value of an assignment is read as query language', async () => {
    for (const tenant of ['acme) OR (*', 'acme" OR "', '*', 'acme,umbra', '', 'ACME'])
      expect(await seen(scopeOf(roleNamed('tenant-admin') as Role, { tenant })), tenant).toEqual([])
    expect(await shown('auditor', { tenant: 'acme', filter: 'tenant:umbra OR *' })).not.toContain('umbraWeb')
    expect(() => checkAssignment(roleNamed('auditor') as Role, { filter: '*) OR (*' })).toThrow()
  })

  it('T40: what was before an owner changed can be left out', async () => {
    const owner = { project: 'web', tenant: 'acme' }
    expect(await shown('owner', { ...owner, since: '1970-01-01T00:00:00.000Z' })).toEqual(
      await shown('owner', owner),
    )
    expect(
      await shown('owner', { ...owner, since: new Date(Date.parse(between) + 1).toISOString() }),
    ).toEqual([])
    const all = trail.restrict(scopeOf(roleNamed('owner') as Role, { ...owner, since: between }))
    expect((await all.find()).events.map(event => event.action)).toContain('late')
  })

  it('operating is for who sees the whole log', () => {
    const operator = roleNamed('operator') as Role
    expect(permissionsOf(operator, { subject: U1 })).toContain('operate')
    for (const narrow of [
      { tenant: 'acme' },
      { project: 'web' },
      { filter: 'action:x' },
      { since: '2026-01-01T00:00:00Z' },
    ])
      expect(permissionsOf(operator, narrow)).not.toContain('operate')
  })
})

describe('where others were', () => {
  const chain = (depth: number): Actor => ({
    type: 'service',
    id: `s${depth}`,
    credential: CREDENTIAL,
    ...(depth === 0 ? { onBehalfOf: { ...U1, credential: CREDENTIAL } } : { onBehalfOf: chain(depth - 1) }),
  })
  const show = async (draft: Omit<Draft, 'action'>, role: RoleName): Promise<AuditEvent> => {
    await using trail = await memoryTrail()
    await trail.record('x', {
      tenant: 'acme',
      project: 'web',
      visibility: 'public',
      origin: ORIGIN,
      ...draft,
    })
    const scope = scopeOf(roleNamed(role) as Role, { tenant: 'acme', project: 'web', subject: U1 })
    const [event] = (await trail.restrict(scope).find()).events
    return event as AuditEvent
  }

  it.each(['user', 'maintainer', 'owner'] as const)(
    'is withheld from a %s, also where others acted for them',
    async role => {
      const own = await show({ actor: { ...U1, credential: CREDENTIAL } }, role)
      expect(own).toMatchObject({ origin: ORIGIN, actor: { credential: CREDENTIAL } })
      for (const actor of [{ ...U2, credential: CREDENTIAL }, chain(0), chain(1), chain(2), chain(6)]) {
        const other = await show({ actor, targets: [U1] }, role)
        expect(other.origin).toEqual({ requestId: 'r1' })
        expect(JSON.stringify(other)).not.toMatch(/canary|10\.9\.8\.7/)
      }
    },
  )

  it('is shown to tenant admins, auditors and operators', async () => {
    for (const role of ['tenant-admin', 'auditor', 'operator'] as const)
      expect(await show({ actor: U2 }, role)).toMatchObject({ origin: ORIGIN })
  })
})

describe('own', () => {
  const own = (filter: string): boolean => isOwn({ ...FULL_SCOPE, filter, me: U1 })

  it('is what cannot show anything else', () => {
    for (const yes of [
      'actor:me',
      'target:me',
      'actor:me OR target:me',
      '(target:me) AND (tenant=acme)',
      'x actor:me',
    ])
      expect(own(yes), yes).toBe(true)
    for (const no of [
      '',
      'actor=me',
      'actor:me OR tenant:a',
      'actor:me,bob',
      '-actor:me',
      'actor:m*',
      'actor:user/u1',
    ])
      expect(own(no), no).toBe(false)
    expect(isOwn({ ...FULL_SCOPE, filter: 'actor:me' })).toBe(false)
  })
})
