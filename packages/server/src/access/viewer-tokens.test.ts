import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalTrail } from 'annals'
import { decodeJwt, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryTrail } from '../testing/memory-trail.ts'
import { ApiKeys } from './api-keys.ts'
import { authenticateBy } from './authenticate.ts'
import { Credentials } from './credentials.ts'
import { memoryKeys } from './key-file.ts'
import type { NewKey } from './key-schema.ts'
import type { Principal } from './principal.ts'
import { MAX_REVOCATIONS, RevocationList, revocationFile } from './revocation-list.ts'
import { serverSecret } from './secret.ts'
import { tokenLog } from './token-log.ts'
import type { WantedViewerToken } from './viewer-grant.ts'
import { ViewerTokens } from './viewer-tokens.ts'

const NOW = Date.parse('2026-03-01T12:00:00.000Z')
const ISSUER = 'audit.example/log'
const BOB = { type: 'user', id: 'bob', name: 'Bob' }

describe('viewer tokens', () => {
  let dir: string
  let trail: LocalTrail
  let keys: ApiKeys
  let tokens: ViewerTokens
  let secret: Uint8Array
  let now: number

  const open = async (): Promise<void> => {
    secret = await serverSecret(join(dir, 'server-secret'))
    const list = await RevocationList.open(revocationFile(join(dir, 'revoked.json')), 900_000, () => now)
    tokens = new ViewerTokens(secret, ISSUER, list, tokenLog(trail), () => now)
  }
  const maker = async (key: Omit<NewKey, 'name'>): Promise<Principal> => {
    const { token } = await keys.create({ name: 'backend', ...key })
    return (await keys.principalOf(token)) as Principal
  }
  const authenticate = async (token: string): Promise<Principal> => {
    const sources = new Credentials([keys, tokens], 10)
    return await authenticateBy([keys, tokens], sources)(`Bearer ${token}`)
  }
  const viewer = async (by: Principal, wanted: WantedViewerToken): Promise<Principal> =>
    await authenticate((await tokens.mint(by, wanted)).token)

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'annals-viewer-'))
    trail = await memoryTrail()
    now = NOW
    keys = await ApiKeys.open(memoryKeys(), tokenLog(trail), () => now)
    await keys.create({ name: 'administrator', role: 'operator' })
    await open()
  })
  afterEach(async () => {
    await trail.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('show what is asked for within what their maker sees, whatever they say', async () => {
    await trail.record('a', { tenant: 'acme', project: 'web', actor: BOB, origin: { ip: '10.0.0.1' } })
    await trail.record('a', { tenant: 'acme', project: 'api', actor: BOB, origin: { ip: '10.0.0.1' } })
    await trail.record('a', { tenant: 'umbra', project: 'web', actor: BOB, visibility: 'public' })
    await trail.record('a', { tenant: 'acme', project: 'web', actor: BOB, visibility: 'operator' })
    const admin = await maker({ role: 'tenant-admin', tenant: 'acme' })
    const seen = async (wanted: WantedViewerToken, by = admin): Promise<readonly unknown[]> => {
      const { scope } = await viewer(by, wanted)
      const { events } = await trail.restrict(scope).find('*', { order: 'asc', includeLog: true })
      return events.map(event => [event.tenant, event.project, event.origin.ip])
    }
    expect(await seen({})).toEqual([
      ['acme', 'web', '10.0.0.1'],
      ['acme', 'api', '10.0.0.1'],
    ])
    expect(await seen({ filter: 'project:web OR tenant:umbra OR *' })).toHaveLength(2)
    expect(await seen({ filter: 'project:web', masks: [{ paths: ['/origin/ip'] }] })).toEqual([
      ['acme', 'web', undefined],
    ])
    expect(await seen({ filter: 'tenant:umbra' })).toEqual([])
    expect(await seen({ level: 'public' })).toEqual([])
    // The owner is not shown Bob's address; so Bob is not by a token of the owner's.
    const owner = await maker({
      role: 'owner',
      project: 'web',
      tenant: 'acme',
      subject: { type: 'user', id: 'ann' },
    })
    expect(await seen({ filter: 'actor:me', me: BOB }, owner)).toEqual([['acme', 'web', undefined]])
    await expect(tokens.mint(admin, { level: 'operator' })).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
      path: '/level',
    })
    await expect(tokens.mint(admin, { filter: '*) OR (*' })).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
    await expect(tokens.mint(admin, { filter: 'actor:me' })).rejects.toMatchObject({ code: 'ANNALS_QUERY' })
    await expect(tokens.mint(admin, { masks: [{ paths: ['/index'] }] })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
    })
  })

  it('permit no more than reading, and no more than their maker may', async () => {
    const admin = await maker({ role: 'tenant-admin', tenant: 'acme' })
    expect([...(await viewer(admin, {})).permissions]).toEqual(['read', 'tail'])
    expect([...(await viewer(admin, { permissions: ['export'] })).permissions]).toEqual(['export'])
    for (const permission of ['mint', 'operate', 'record', 'verify'] as const)
      await expect(tokens.mint(admin, { permissions: [permission] })).rejects.toMatchObject({
        code: 'ANNALS_DENIED',
        path: '/permissions',
      })
    const reader = await maker({ role: 'tenant-admin', tenant: 'acme', scopes: ['read'] })
    await expect(tokens.mint(reader, { permissions: ['read', 'export'] })).rejects.toMatchObject({
      code: 'ANNALS_DENIED',
    })
  })

  it('say who looks, and that reading of what is their own is nobody else’s', async () => {
    const admin = await maker({ role: 'tenant-admin', tenant: 'acme' })
    expect(await viewer(admin, { filter: 'actor:me OR target:me', me: BOB })).toMatchObject({
      own: true,
      actor: { ...BOB, credential: { type: 'viewer-token' } },
      role: 'viewer',
    })
    expect(await viewer(admin, { filter: 'project:web', me: BOB })).toMatchObject({ own: false, actor: BOB })
    expect(await viewer(admin, { actAs: { type: 'staff', id: 's1' } })).toMatchObject({
      actor: { type: 'staff', id: 's1' },
    })
    expect(await viewer(admin, {})).toMatchObject({ actor: { type: 'key', name: 'backend' } })
  })

  it('live for 15 minutes at most, and not longer than the key that made them', async () => {
    const admin = await maker({ role: 'tenant-admin', tenant: 'acme' })
    const { token, expiresAt } = await tokens.mint(admin, {})
    expect(expiresAt).toBe('2026-03-01T12:15:00.000Z')
    const short = await tokens.mint(admin, { ttlSeconds: 1 })
    now += 999
    expect(await authenticate(short.token)).toMatchObject({ expiresAt: NOW + 1_000 })
    now += 1
    await expect(authenticate(short.token)).rejects.toMatchObject({ code: 'ANNALS_UNAUTHENTICATED' })
    now = NOW + 899_999
    await authenticate(token)
    now = NOW + 900_000
    await expect(authenticate(token)).rejects.toMatchObject({ code: 'ANNALS_UNAUTHENTICATED' })
    const brief = await maker({ role: 'auditor', expiresAt: new Date(now + 60_000).toISOString() })
    const bounded = await tokens.mint({ ...brief, permissions: admin.permissions }, {})
    expect(bounded.expiresAt).toBe(new Date(now + 60_000).toISOString())
  })

  it('end with the key that made them, and by whom they are for', async () => {
    const [one, two] = [await maker({ role: 'tenant-admin', tenant: 'a' }), await maker({ role: 'operator' })]
    const minted = [
      await tokens.mint(one, { me: BOB }),
      await tokens.mint(two, { me: BOB }),
      await tokens.mint(two, { actAs: BOB }),
      await tokens.mint(two, { me: { type: 'user', id: 'eve' } }),
      await tokens.mint(two, { me: { type: 'user","bob', id: 'x' } }),
    ]
    const alive = async (): Promise<readonly boolean[]> =>
      await Promise.all(
        minted.map(({ token }) =>
          authenticate(token).then(
            () => true,
            () => false,
          ),
        ),
      )
    expect(await alive()).toEqual([true, true, true, true, true])
    // One who does not operate the log ends their own alone.
    await tokens.revokeSubject(BOB, one)
    expect(await alive()).toEqual([false, true, true, true, true])
    await tokens.revokeSubject({ type: 'user', id: 'bob' }, two)
    expect(await alive()).toEqual([false, false, false, true, true])
    await open()
    expect(await alive()).toEqual([false, false, false, true, true])
    now += 1
    expect(await viewer(two, { me: BOB })).toMatchObject({ actor: BOB })
    await keys.revoke(two.credential.slice(4))
    expect(await alive()).toEqual([false, false, false, false, false])
    expect(statSync(join(dir, 'revoked.json')).mode & 0o777).toBe(0o600)
  })

  it('remember what was revoked as long as it matters, and never too much', async () => {
    const admin = await maker({ role: 'operator' })
    await tokens.revokeSubject(BOB, admin)
    now += 900_001
    await tokens.revokeSubject({ type: 'user', id: 'eve' }, admin)
    const path = join(dir, 'revoked.json')
    const kept = (): { revocations: { name: string }[] } => JSON.parse(readFileSync(path, 'utf8'))
    expect(kept().revocations).toHaveLength(1)
    const full = Array.from({ length: MAX_REVOCATIONS }, (_, nth) => ({ name: `subject:${nth}`, at: now }))
    writeFileSync(path, JSON.stringify({ v: 1, revocations: full }), { mode: 0o600 })
    await open()
    const other = await tokens.mint(admin, { me: { type: 'user', id: 'zoe' } })
    await authenticate(other.token)
    await tokens.revokeSubject(BOB, admin)
    expect(kept().revocations).toEqual([{ name: '*', at: now }])
    await expect(authenticate(other.token)).rejects.toMatchObject({ code: 'ANNALS_UNAUTHENTICATED' })
    now += 1
    expect(await viewer(admin, { me: BOB })).toBeDefined()
  })

  it('are recorded when they are made and ended, without what is in them, or not made at all', async () => {
    const admin = await maker({ role: 'tenant-admin', tenant: 'acme' })
    const by: Principal = { ...admin, origin: { ip: '10.1.2.3' } }
    const { token, id } = await tokens.mint(by, { filter: `project:${'x'.repeat(600)}`, me: BOB })
    await tokens.revokeSubject(BOB, by)
    const { events } = await trail.find('action:log.token', { limit: 2 })
    expect(events[1]).toMatchObject({
      actor: { type: 'key', name: 'backend' },
      origin: { ip: '10.1.2.3' },
      targets: [
        { type: 'viewer-token', id },
        { type: 'user', id: 'bob', role: 'subject' },
      ],
      data: { change: 'mint', permissions: ['read', 'tail'], level: 'owner', maker: admin.credential },
    })
    expect(events[1]).toHaveProperty('data.filter.length', 501)
    expect(events[0]).toMatchObject({ data: { change: 'revoke-subject', maker: admin.credential } })
    const log = JSON.stringify(events)
    expect(log).not.toContain(token.split('.')[2])
    expect(log).not.toContain(token)
    await trail.close()
    await expect(tokens.mint(admin, {})).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
    await expect(tokens.revokeSubject(BOB, admin)).rejects.toBeDefined()
    trail = await memoryTrail()
  })

  it('are believed for the secret of this server alone, and nothing beside it', async () => {
    const admin = await maker({ role: 'operator' })
    const { token } = await tokens.mint(admin, { permissions: ['read'] })
    const claims = decodeJwt(token)
    const [head = '', body = '', signature = ''] = token.split('.')
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const sign = (payload: object, header: object, key: Uint8Array): Promise<string> =>
      new SignJWT({ ...payload })
        .setProtectedHeader({ alg: 'HS256', typ: 'annals-viewer+jwt', ...header })
        .sign(key)
    const forged = [
      `${head}.${encode({ ...claims, permissions: ['read', 'export'] })}.${signature}`,
      `${encode({ alg: 'none', typ: 'annals-viewer+jwt' })}.${body}.`,
      `${encode({ alg: 'none', typ: 'annals-viewer+jwt' })}.${body}.${signature}`,
      await sign(claims, {}, new Uint8Array(32)),
      await sign(claims, { alg: 'HS384' }, secret),
      await sign({ ...claims, aud: 'other' }, {}, secret),
      await sign({ ...claims, iss: 'other' }, {}, secret),
      await sign({ ...claims, exp: undefined }, {}, secret),
      await sign({ ...claims, jti: undefined }, {}, secret),
      await sign({ ...claims, permissions: ['root'] }, {}, secret),
      await sign({ ...claims, scope: { filter: '', level: 'root', masks: [] } }, {}, secret),
    ]
    for (const [nth, one] of forged.entries())
      await expect(authenticate(one), String(nth)).rejects.toMatchObject({
        code: 'ANNALS_UNAUTHENTICATED',
        message: 'The viewer token is not valid.',
      })
    // Without the type it is no viewer token, and there is no other kind that it could be.
    expect(await tokens.principalOf(await sign(claims, { typ: 'JWT' }, secret))).toBeUndefined()
    expect(await tokens.principalOf('a.b.c')).toBeUndefined()
    await authenticate(await sign(claims, {}, secret))
  })

  it('are signed with a secret that is made once, is nobody else’s, and must be whole', async () => {
    const path = join(dir, 'server-secret')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await serverSecret(path)).toEqual(secret)
    writeFileSync(path, 'short', { mode: 0o600 })
    await expect(serverSecret(path)).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
  })

  it('fit into a header', async () => {
    const admin = await maker({ role: 'operator', filter: `action:${'ä'.repeat(900)}` })
    await expect(tokens.mint(admin, { filter: `action:${'ö'.repeat(1_900)}` })).rejects.toMatchObject({
      code: 'ANNALS_LIMIT',
    })
    const { token } = await tokens.mint(admin, { filter: `action:${'x'.repeat(1_900)}` })
    await authenticate(token)
  })
})
