import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalTrail } from 'annals'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryTrail } from '../testing/memory-trail.ts'
import { ApiKeys, MAX_KEYS } from './api-keys.ts'
import { keyFile } from './key-file.ts'
import type { ApiKey, NewKey } from './key-schema.ts'
import type { Principal } from './principal.ts'
import { tokenLog } from './token-log.ts'

const NOW = Date.parse('2026-03-01T12:00:30.000Z')
const OPERATOR: NewKey = { name: 'ops', role: 'operator' }

describe('API keys', () => {
  let dir: string
  let path: string
  let trail: LocalTrail
  let now: number
  const open = (): Promise<ApiKeys> => ApiKeys.open(keyFile(path), tokenLog(trail), () => now)
  const changes = async (): Promise<readonly { data?: unknown; outcome: { result: string } }[]> =>
    (await trail.find('action:log.token', { order: 'asc' })).events

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'annals-keys-'))
    path = join(dir, 'access.json')
    trail = await memoryTrail()
    now = NOW
  })
  afterEach(async () => {
    await trail.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('knows a key by its token alone, of which no file and no event holds the secret or lets it be guessed at', async () => {
    const keys = await open()
    const { key, token } = await keys.create({ ...OPERATOR, name: 'CI "deploy"' })
    expect(token).toMatch(/^annals_[\da-f]{16}_[\w-]{43}$/)
    expect(await keys.principalOf(token)).toMatchObject({
      actor: { type: 'key', id: key.id, name: 'CI "deploy"' },
      role: 'operator',
      credential: `key:${key.id}`,
    })
    const secret = token.split('_').slice(2).join('_')
    expect(readFileSync(path, 'utf8')).not.toContain(secret)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const log = JSON.stringify(await changes())
    expect(log).toContain(key.id)
    expect(log).not.toContain(secret)
    expect(log).not.toContain(key.hash)
    expect(await (await open()).principalOf(token)).toMatchObject({ role: 'operator' })
  })

  it('tells nothing of what is wrong: unknown, wrong, revoked and expired are one answer', async () => {
    const keys = await open()
    const { token } = await keys.create(OPERATOR)
    const { key, token: gone } = await keys.create(OPERATOR)
    await keys.revoke(key.id)
    const { token: old } = await keys.create({ ...OPERATOR, expiresAt: '2026-03-01T13:00:00Z' })
    expect(await keys.principalOf(old)).toBeDefined()
    now += 3_600_000
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    const unknown = token.replace(/_[\da-f]{16}_/, '_0123456789abcdef_')
    const answers = await Promise.all(
      [wrong, unknown, gone, old].map(one =>
        keys.principalOf(one).catch(error => [error.code, error.message]),
      ),
    )
    expect(new Set(answers.map(String)).size).toBe(1)
    expect(answers[0]).toEqual(['ANNALS_UNAUTHENTICATED', 'The token is not valid.'])
    expect(await keys.principalOf('eyJhbGciOiJub25lIn0.e30.')).toBeUndefined()
    expect(await keys.principalOf(`${token} `)).toBeUndefined()
  })

  it('loses none of many changes at once', async () => {
    const keys = await open()
    await keys.create(OPERATOR)
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => keys.create({ ...OPERATOR, name: `k${nth}` })),
    )
    await Promise.all([
      ...made.slice(0, 15).map(({ key }) => keys.revoke(key.id)),
      ...made.slice(0, 15).map((_, nth) => keys.create({ ...OPERATOR, name: `late${nth}` })),
    ])
    const kept = (await open()).list
    expect(kept).toEqual(keys.list)
    expect(kept).toHaveLength(46)
    expect(kept.filter(key => key.revokedAt !== undefined).map(key => key.id)).toEqual(
      made.slice(0, 15).map(({ key }) => key.id),
    )
    expect(readdirSync(dir)).toEqual(['access.json'])
  })

  it('records every change before it takes effect, or does not make it', async () => {
    const keys = await open()
    const { key } = await keys.create({
      name: 'reader',
      role: 'tenant-admin',
      tenant: 'acme',
      scopes: ['read'],
      filter: `action:${'x'.repeat(700)}`,
    })
    await keys.create(OPERATOR)
    await keys.revoke(key.id, { actor: { type: 'user', id: 'alice' } })
    const [created, , revoked] = await changes()
    expect(created).toMatchObject({
      actor: { type: 'system', id: 'annals-server' },
      targets: [{ type: 'key', id: key.id, name: 'reader' }],
      data: { change: 'create', role: 'tenant-admin', tenant: 'acme', scopes: ['read'] },
    })
    expect(created).toHaveProperty('data.filter.length', 501)
    expect(revoked).toMatchObject({ actor: { id: 'alice' }, data: { change: 'revoke' } })
    const before = keys.list
    await trail.close()
    await expect(keys.create(OPERATOR)).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    await expect(keys.revoke(before[1]?.id ?? '')).rejects.toBeDefined()
    expect(keys.list).toEqual(before)
    trail = await memoryTrail()
    expect((await open()).list).toEqual(before)
  })

  it('says in the log when a change was recorded and then could not be made', async () => {
    const keys = await open()
    const { key } = await keys.create(OPERATOR)
    await keys.create(OPERATOR)
    rmSync(dir, { recursive: true })
    await expect(keys.revoke(key.id)).rejects.toMatchObject({ code: 'ANNALS_STORE' })
    expect(keys.list[0]?.revokedAt).toBeUndefined()
    expect((await changes()).map(({ outcome }) => outcome.result)).toEqual([
      'success',
      'success',
      'success',
      'failure',
    ])
  })

  it('refuses a file that others can read, or of which it does not understand everything', async () => {
    const keys = await open()
    const { key } = await keys.create(OPERATOR)
    chmodSync(path, 0o640)
    await expect(open()).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
    chmodSync(path, 0o600)
    const write = (...changed: object[]): void =>
      writeFileSync(path, JSON.stringify({ v: 1, keys: changed.map(one => ({ ...key, ...one })) }))
    for (const wrong of [
      { role: 'root' },
      { role: 'constructor' },
      { scopes: ['read', 'all'] },
      { hash: 'x' },
      { levels: 'operator' },
      { role: 'owner' },
      { filter: 'tenant:(' },
      { expiresAt: 'never' },
    ]) {
      write(wrong)
      await expect(open(), JSON.stringify(wrong)).rejects.toMatchObject({
        code: /ANNALS_(FORMAT|INVALID|QUERY)/,
      })
    }
    write({}, {})
    await expect(open()).rejects.toMatchObject({ code: 'ANNALS_FORMAT' })
    writeFileSync(path, '{"v":2,"keys":[]}')
    await expect(open()).rejects.toMatchObject({ code: 'ANNALS_FORMAT' })
    writeFileSync(path, '{"v":1,"keys":[')
    await expect(open()).rejects.toMatchObject({ code: 'ANNALS_FORMAT' })
    write({})
    writeFileSync(`${path}.0badc0de.tmp`, 'half')
    expect((await open()).list).toHaveLength(1)
    expect(readdirSync(dir)).toEqual(['access.json'])
  })

  it('keeps so many keys and no more; one that has ended makes room', async () => {
    const keys = await open()
    const { key } = await keys.create(OPERATOR)
    const many: readonly ApiKey[] = Array.from({ length: MAX_KEYS }, (_, nth) => ({
      ...key,
      id: nth.toString(16).padStart(16, '0'),
    }))
    writeFileSync(path, JSON.stringify({ v: 1, keys: many }), { mode: 0o600 })
    const full = await open()
    await expect(full.create(OPERATOR)).rejects.toMatchObject({ code: 'ANNALS_LIMIT' })
    await full.revoke(many[7]?.id ?? '')
    await full.create(OPERATOR)
    expect(full.list).toHaveLength(MAX_KEYS)
    expect(full.list.some(one => one.id === many[7]?.id)).toBe(false)
  })

  it('never leaves a server that nobody can give keys to', async () => {
    const keys = await open()
    const { key } = await keys.create(OPERATOR)
    await keys.create({ ...OPERATOR, scopes: ['read'] })
    await keys.create({ ...OPERATOR, tenant: 'acme' })
    await keys.create({ ...OPERATOR, expiresAt: '2026-03-01T12:01:00Z' })
    now += 60_000
    await expect(keys.revoke(key.id)).rejects.toMatchObject({ code: 'ANNALS_CONFLICT' })
    await keys.create(OPERATOR)
    expect((await keys.revoke(key.id)).revokedAt).toBe('2026-03-01T12:01:30.000Z')
    expect((await keys.revoke(key.id)).revokedAt).toBe('2026-03-01T12:01:30.000Z')
    await expect(keys.revoke('0'.repeat(16))).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  })

  it('tells when a key was last used, to the minute', async () => {
    const keys = await open()
    const { key, token } = await keys.create(OPERATOR)
    expect(keys.lastUsed(key.id)).toBeUndefined()
    await keys.principalOf(token)
    expect(keys.lastUsed(key.id)).toBe('2026-03-01T12:00:00.000Z')
  })

  it.each([
    ['/role', { role: 'root' as 'operator' }],
    ['/name', { name: '  ' }],
    ['/name', { name: 'ä'.repeat(101) }],
    ['/name', { name: 'half \ud800' }],
    ['/scopes', { scopes: [] }],
    ['/scopes', { role: 'recorder', scopes: ['read'] }],
    ['/tenant', { role: 'tenant-admin' }],
    ['/tenant', { role: 'tenant-admin', tenant: '' }],
    ['/project', { role: 'owner', tenant: 'acme' }],
    ['/subject', { role: 'user' }],
    ['/subject/id', { role: 'user', subject: { type: 'user', id: '' } }],
    ['/expiresAt', { expiresAt: '2026-03-01T12:00:00Z' }],
    ['/expiresAt', { role: 'auditor' }],
    ['/expiresAt', { role: 'auditor', expiresAt: '2028-01-01T00:00:00Z' }],
    ['/since', { since: 'yesterday' }],
    ['/', { levels: 'operator' }],
  ] as [string, Partial<NewKey>][])('refuses with the path %s: %j', async (at, wanted) => {
    const keys = await open()
    await expect(keys.create({ ...OPERATOR, ...wanted })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: at,
    })
    expect(await changes()).toEqual([])
  })

  it.each(['tenant:(', 'actr:x', 'actor:me', 'ip:nowhere'])('refuses the filter %s', async filter => {
    await expect((await open()).create({ ...OPERATOR, filter })).rejects.toMatchObject({
      code: 'ANNALS_QUERY',
    })
  })

  it('gives nothing that its maker has not', async () => {
    const keys = await open()
    const who = async (wanted: NewKey): Promise<Principal> =>
      (await keys.principalOf((await keys.create(wanted)).token)) as Principal
    const scoped = await who({ ...OPERATOR, scopes: ['operate', 'record'] })
    await expect(keys.create({ ...OPERATOR, scopes: ['read'] }, scoped)).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
      path: '/scopes',
    })
    await expect(
      keys.create({ name: 'x', role: 'tenant-admin', tenant: 'acme' }, scoped),
    ).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
    expect((await keys.create(OPERATOR, scoped)).key.scopes).toEqual(['record', 'operate'])
    const brief = await who({ ...OPERATOR, expiresAt: '2026-03-02T00:00:00Z' })
    await expect(keys.create(OPERATOR, brief)).rejects.toMatchObject({ path: '/expiresAt' })
    await keys.create({ ...OPERATOR, expiresAt: '2026-03-02T02:00:00+02:00' }, brief)
    const session: Principal = { ...brief, credential: 'jwt:https://id.example:alice' }
    await keys.create(OPERATOR, session)
    for (const narrow of [
      { tenant: 'acme' },
      { project: 'web' },
      { filter: 'action:x.*' },
      { since: '2026-01-01T00:00:00Z' },
    ])
      expect((await who({ ...OPERATOR, ...narrow })).permissions.has('operate')).toBe(false)
  })
})
