import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseProof } from '@annals/tlog'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalog, defineEvent } from '../catalog/index.ts'
import type { AuditEvent } from '../model/index.ts'
import type { Scope } from '../query/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import type { LocalTrail } from './local-trail.ts'
import { openTrail } from './open-trail.ts'

const TYPES = catalog(
  defineEvent('login', { visibility: 'public', describe: '{actor} signed in' }),
  defineEvent('token.create', {
    visibility: 'owner',
    internal: ['/data/risk'],
    describe: 'risk {data.risk}',
  }),
  defineEvent('probe', { visibility: 'operator' }),
)
const ALICE = { type: 'user', id: 'alice', name: 'Alice' }
const BOB = { type: 'user', id: 'bob', name: 'Robert' }
const OWNER: Scope = {
  filter: 'tenant:acme',
  level: 'owner',
  masks: [{ paths: ['/origin/ip', '/actor/credential'], unless: 'actor:me' }],
  me: { type: 'user', id: 'alice' },
}
const base = mkdtempSync(join(tmpdir(), 'annals-restricted-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe.each(['embedded', 'memory'] as const)('a restricted reader of the %s store', kind => {
  let trail: LocalTrail
  beforeAll(async () => {
    const store = kind === 'embedded' ? { dir: join(base, kind) } : { store: await openMemory() }
    trail = (await openTrail({ ...store, catalog: TYPES })) as unknown as LocalTrail
    await write(trail)
    return async () => trail.close()
  })
  const seen = (scope: Scope): ReturnType<LocalTrail['restrict']> => trail.restrict(scope)

  it('sees its tenant, its level, and nothing of the log itself', async () => {
    const reader = seen(OWNER)
    const { events } = await reader.find('', { order: 'asc' })
    expect(events.map(event => [event.action, event.actor.id])).toEqual([
      ['login', 'alice'],
      ['login', 'bob'],
      ['token.create', 'bob'],
    ])
    for (const query of [
      'action:log.*',
      'id:* OR *',
      'index:0..100',
      '-tenant:acme',
      'tenant:umbra OR visibility:operator',
    ])
      expect(
        (await reader.find(query, { includeLog: true })).events.map(one => one.tenant ?? one.action),
      ).toEqual(query === 'id:* OR *' || query === 'index:0..100' ? ['acme', 'acme', 'acme'] : [])
    expect((await seen({ ...OWNER, level: 'public' }).find()).events.map(one => one.action)).toEqual([
      'login',
      'login',
    ])
  })

  it('is shown its own address, and of others that there is one', async () => {
    const { events } = await seen(OWNER).find('action:login', { order: 'asc' })
    expect(events[0]?.origin).toEqual({ ip: '10.0.0.1', userAgent: 'curl' })
    expect(events[1]?.origin).toEqual({ userAgent: 'curl' })
    expect(events[1]?.notes).toEqual([{ path: '/origin/ip', reason: 'not shown to this reader' }])
    expect((await seen(OWNER).find('ip:10.0.0.2')).events).toEqual([])
    expect((await seen(OWNER).find('-ip:10.0.0.2')).events).toHaveLength(3)
    expect((await seen(OWNER).count('', ['ip'])).groups).toContainEqual({ key: { ip: null }, count: 2 })
  })

  it('never meets what is internal, in content, search, sentence or stream', async () => {
    const reader = seen(OWNER)
    const [event] = (await reader.find('action:token.*')).events
    expect(event?.data).toEqual({ name: 'ci' })
    expect(JSON.stringify(event)).not.toContain('s3cret')
    expect(reader.describe(event as AuditEvent)).not.toContain('s3cret')
    const live = reader.events('action:token.*', { follow: true })[Symbol.asyncIterator]()
    expect(JSON.stringify((await live.next()).value)).not.toContain('s3cret')
    const next = live.next()
    await trail.record('token.create', { tenant: 'acme', actor: BOB, data: { name: 'cd', risk: 's3cret' } })
    const fresh = (await next).value as AuditEvent
    expect(fresh.data).toEqual({ name: 'cd' })
    expect(fresh.notes).toBeUndefined()
    await live.return?.()
    const operator = seen({ filter: '', level: 'operator', masks: [] })
    expect((await operator.find('action:token.*')).events[0]?.data).toEqual({ name: 'cd', risk: 's3cret' })
    expect(JSON.stringify(await reader.catalog())).not.toContain('risk"]')
  })

  it('what it may not see is not there: by id, by position, as a bound, as a receipt', async () => {
    const whole = await trail.find('tenant:umbra')
    const hidden = whole.events[0] as AuditEvent
    const reader = seen(OWNER)
    expect(await reader.get(hidden.id)).toBeUndefined()
    expect(await reader.get(hidden.index)).toBeUndefined()
    const absent = reader.find('', { seek: '018c7b3a-0000-7000-8000-000000000000' }).catch(String)
    const invisible = reader.find('', { seek: hidden.id }).catch(String)
    expect(String(await invisible).replace(hidden.id, 'ID')).toBe(
      String(await absent).replace('018c7b3a-0000-7000-8000-000000000000', 'ID'),
    )
    await expect(reader.receipt(hidden.id)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
    await expect(reader.verify()).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
  })

  it('a receipt discloses only parts that are shown whole', async () => {
    const reader = seen(OWNER)
    const { events } = await reader.find('action:login', { order: 'asc' })
    const [own, other] = events as [AuditEvent, AuditEvent]
    const partsOf = (receipt: string): string[] => {
      const { extra } = parseProof(receipt)
      const { parts = {} } = JSON.parse(Buffer.from(extra ?? []).toString()) as { parts?: object }
      return Object.keys(parts)
    }
    expect(partsOf(await reader.receipt(own.id, { disclose: 'all' })).sort()).toEqual(['what', 'who'])
    expect(partsOf(await reader.receipt(other.id, { disclose: 'all' }))).toEqual(['what'])
    await expect(reader.receipt(other.id, { disclose: ['who'] })).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
    })
    const [token] = (await reader.find('action:token.create', { order: 'asc' })).events
    const text = await reader.receipt((token as AuditEvent).id, { disclose: 'all' })
    expect(partsOf(text)).toEqual(['what'])
    expect(text).not.toContain(Buffer.from('s3cret').toString('base64').slice(0, 6))
  })

  it('cannot be widened by what is passed on from it: filter, level, masks, who `me` is', async () => {
    const bob = { type: 'user', id: 'bob' }
    const passedOn = seen({
      filter: 'actor:me',
      level: 'operator',
      masks: [{ paths: ['/origin/userAgent'] }],
      me: bob,
      within: OWNER,
    })
    const { events } = await passedOn.find('', { order: 'asc', includeLog: true })
    expect(events.slice(0, 2).map(one => [one.action, one.tenant, one.actor.id, one.origin])).toEqual([
      ['login', 'acme', 'bob', {}],
      ['token.create', 'acme', 'bob', {}],
    ])
    expect(JSON.stringify(events)).not.toContain('s3cret')
    expect((await passedOn.find('ip:10.0.0.2 OR action:probe OR tenant:umbra')).events).toEqual([])
    expect((await passedOn.catalog()).map(entry => entry.action)).not.toContain('probe')
    const [login] = events as [AuditEvent]
    await expect(passedOn.receipt(login.id, { disclose: ['who'] })).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
    })
    const nobody = seen({ filter: '', level: 'owner', masks: [], within: OWNER })
    await expect(nobody.find('actor:me')).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
  })

  it('ends its own readers, and those of the trail end it', async () => {
    const reader = seen(OWNER)
    const live = reader.events('', { follow: true, seek: 1_000_000 })[Symbol.asyncIterator]()
    const waiting = live.next()
    await reader.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await expect(reader.find()).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
  })
})

async function write(trail: LocalTrail): Promise<void> {
  const origin = { userAgent: 'curl' }
  await trail.record('login', { tenant: 'acme', actor: ALICE, origin: { ...origin, ip: '10.0.0.1' } })
  await trail.record('login', { tenant: 'acme', actor: BOB, origin: { ...origin, ip: '10.0.0.2' } })
  await trail.record('login', { tenant: 'umbra', actor: ALICE, origin: { ...origin, ip: '10.0.0.1' } })
  await trail.record('probe', { tenant: 'acme', actor: BOB })
  await trail.record('token.create', { tenant: 'acme', actor: BOB, data: { name: 'ci', risk: 's3cret' } })
  await trail.flush()
}
