import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { oidcSchema } from '../settings/oidc-setting.ts'
import { startIssuer, type TestIssuer } from '../testing/issuer.ts'
import { OidcTokens } from './oidc-tokens.ts'
import type { Principal } from './principal.ts'

const AUDIENCE = 'annals'

describe('tokens of an issuer', () => {
  let issuer: TestIssuer
  let now: number
  let faults: number

  const tokensFor = (settings: object = {}): OidcTokens =>
    new OidcTokens(
      [
        oidcSchema.parse({
          issuer: issuer.url,
          audience: AUDIENCE,
          claims: { tenant: 'org', project: '/app/project', since: 'since' },
          roleMap: { admins: 'tenant-admin', devs: 'owner', staff: 'user', ops: 'operator' },
          allowHttp: true,
          cooldownSeconds: 0,
          ...settings,
        }),
      ],
      () => faults++,
      () => now,
    )
  const claims = { aud: AUDIENCE, role: 'admins', org: 'acme' }
  const refused = { code: 'ANNALS_UNAUTHENTICATED', message: 'The token is not valid.' }

  beforeEach(async () => {
    issuer = await startIssuer()
    now = Date.now()
    faults = 0
  })
  afterEach(async () => {
    await issuer[Symbol.asyncDispose]()
  })

  it('say who somebody is, and what they may see', async () => {
    const tokens = tokensFor()
    const exp = Math.floor(now / 1000) + 60
    const token = await issuer.sign({ ...claims, name: 'Alice', exp })
    expect(await tokens.principalOf(token)).toMatchObject({
      actor: { type: 'user', id: 'alice', name: 'Alice', credential: { type: 'jwt', id: issuer.url } },
      role: 'tenant-admin',
      tenant: 'acme',
      scope: { filter: 'tenant=acme', level: 'owner', me: { type: 'user', id: 'alice' } },
      credential: `jwt:${issuer.url}:alice`,
      expiresAt: (exp + 30) * 1000,
    })
    expect(await tokens.principalOf(token)).toBeDefined()
    expect(issuer.fetched).toBe(1)
  })

  it.each(['RS256', 'PS256', 'EdDSA'])('are taken with a key for %s', async alg => {
    await using other = await startIssuer(alg)
    const tokens = tokensFor({ issuer: other.url, jwksUri: `${other.url}/jwks` })
    expect(await tokens.principalOf(await other.sign(claims))).toMatchObject({ role: 'tenant-admin' })
  })

  it('are refused for another audience, another issuer, out of time, and without an end', async () => {
    const tokens = tokensFor()
    const seconds = Math.floor(now / 1000)
    for (const [wrong, hint] of [
      [{ aud: 'other' }, 'It is meant for another audience.'],
      [{ aud: undefined }, 'It is meant for another audience.'],
      [{ exp: seconds - 31 }, 'It has expired: sign in again.'],
      [{ exp: undefined }, 'Its claim "exp" is missing or wrong.'],
      [{ nbf: seconds + 40 }, 'It is not valid yet.'],
    ] as const)
      await expect(
        tokens.principalOf(await issuer.sign({ ...claims, ...wrong })),
        JSON.stringify(wrong),
      ).rejects.toMatchObject({ ...refused, hint })
    for (const fine of [{ exp: seconds - 20 }, { nbf: seconds + 20 }, { aud: ['x', AUDIENCE] }])
      expect(await tokens.principalOf(await issuer.sign({ ...claims, ...fine }))).toBeDefined()
    for (const iss of ['https://other.example', `${issuer.url}/`, undefined])
      expect(await tokens.principalOf(await issuer.sign({ ...claims, iss }))).toBeUndefined()
  })

  it('are refused when they are signed with nothing, a secret, the public key as a secret, or someone else’s key', async () => {
    const tokens = tokensFor()
    const now = Math.floor(Date.now() / 1000)
    const payload = { ...claims, iss: issuer.url, sub: 'mallory', exp: now + 300 }
    const { kid, alg: _, ...jwk } = issuer.jwk
    const publicKey = await importJWK(issuer.jwk, 'ES256', { extractable: true })
    const pem = await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0])
    const byHand = (secret: string): string => {
      const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      const text = `${encode({ alg: 'HS256', kid })}.${encode(payload)}`
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    }
    await using other = await startIssuer()
    const valid = await issuer.sign(payload)
    const forged = [
      new UnsecuredJWT(payload).encode(),
      await new SignJWT(payload)
        .setProtectedHeader({ alg: 'HS256', kid: kid as string })
        .sign(Buffer.from(pem)),
      byHand(pem),
      byHand(JSON.stringify(jwk)),
      byHand(issuer.jwk.x ?? ''),
      byHand(''),
      await other.sign(payload),
      await other.sign(payload, { jwk: other.jwk }),
      await other.sign(payload, { jku: `${other.url}/jwks` }),
      await issuer.sign(payload, { crit: ['x'], x: 1 }).catch(() => `${valid}x`),
      `${valid.slice(0, valid.lastIndexOf('.'))}.`,
      valid.replace(
        /\.[^.]+\./,
        `.${Buffer.from(JSON.stringify({ ...payload, role: 'ops' })).toString('base64url')}.`,
      ),
    ]
    for (const [nth, token] of forged.entries())
      await expect(tokens.principalOf(token), String(nth)).rejects.toMatchObject(refused)
    expect(other.fetched).toBe(0)
    expect(await tokens.principalOf(valid)).toMatchObject({ actor: { id: 'mallory' } })
  })

  it('are refused with a key of an algorithm that is not wanted', async () => {
    const tokens = tokensFor({ algorithms: ['RS256'] })
    await expect(tokens.principalOf(await issuer.sign(claims))).rejects.toMatchObject(refused)
    for (const algorithms of [['none'], ['HS256'], ['ES256', 'HS512'], []])
      expect(
        oidcSchema.safeParse({ issuer: 'https://a.example', audience: 'a', roleMap: {}, algorithms }).success,
      ).toBe(false)
  })

  it('follow keys that are changed, and are not the way to make this server ask at will', async () => {
    const tokens = tokensFor()
    const old = await issuer.sign(claims)
    expect(await tokens.principalOf(old)).toBeDefined()
    await issuer.rotate()
    expect(await tokens.principalOf(await issuer.sign(claims))).toBeDefined()
    expect(issuer.fetched).toBe(2)
    await expect(tokens.principalOf(old)).rejects.toMatchObject(refused)

    const patient = tokensFor({ cooldownSeconds: 30 })
    expect(await patient.principalOf(await issuer.sign(claims))).toBeDefined()
    const before = issuer.fetched
    for (let nth = 0; nth < 20; nth++)
      await expect(
        patient.principalOf(await issuer.sign(claims, { kid: `made-up-${nth}` })),
      ).rejects.toMatchObject(refused)
    expect(issuer.fetched).toBe(before)
  })

  it('cannot be checked while the issuer does not answer: it is left alone for a while, and nobody is let in', async () => {
    issuer.answer = 'badly'
    const tokens = tokensFor({ jwksUri: `${issuer.url}/jwks` })
    const token = await issuer.sign(claims)
    for (let nth = 0; nth < 5; nth++)
      await expect(tokens.principalOf(token)).rejects.toMatchObject({
        status: 503,
        code: 'ANNALS_ISSUER_UNAVAILABLE',
      })
    issuer.answer = 'well'
    await expect(tokens.principalOf(token)).rejects.toMatchObject({ status: 503 })
    expect(issuer.fetched).toBe(0)
    expect(faults).toBe(6)
    now += 10_001
    expect(await tokens.principalOf(token)).toBeDefined()
    // With the keys at hand, those who are known go on.
    issuer.answer = 'badly'
    await expect(tokens.principalOf(await issuer.sign(claims, { kid: 'new' }))).rejects.toMatchObject({
      status: 503,
    })
    expect(await tokens.principalOf(token)).toBeDefined()
    await expect(tokens.principalOf(await issuer.sign(claims, { kid: 'new' }))).rejects.toMatchObject(refused)
  })

  it('are not believed of an issuer that describes itself as another', async () => {
    issuer.answer = 'as another'
    const tokens = tokensFor()
    await expect(tokens.principalOf(await issuer.sign(claims))).rejects.toMatchObject({ status: 503 })
    expect(issuer.fetched).toBe(0)
  })

  it('give no role but those of the map', async () => {
    const tokens = tokensFor()
    for (const role of ['root', 'operator', 'constructor', '__proto__', '', 7, { admins: true }, undefined])
      await expect(
        tokens.principalOf(await issuer.sign({ ...claims, role })),
        String(role),
      ).rejects.toMatchObject({
        code: 'ANNALS_DENIED',
        hint: 'The claim "role" must have a value of roleMap.',
      })
    const several = { ...claims, role: ['staff', 'devs', 'unknown'] }
    expect(await tokens.principalOf(await issuer.sign(several))).toMatchObject({ role: 'user' })
    const inProject = { ...several, app: { project: 'web' } }
    expect(await tokens.principalOf(await issuer.sign(inProject))).toMatchObject({
      role: 'owner',
      project: 'web',
    })
    await expect(tokens.principalOf(await issuer.sign({ ...claims, role: 'devs' }))).rejects.toMatchObject({
      message: 'The role owner needs a project, and the token names none.',
    })
  })

  it('a claim that narrows never means everything when it is missing or odd', async () => {
    const tokens = tokensFor()
    for (const org of [undefined, '', ['acme'], { a: 1 }, true, 1.5, 'x'.repeat(513), null])
      await expect(
        tokens.principalOf(await issuer.sign({ ...claims, role: 'ops', org })),
        String(org),
      ).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
    const operator = (await tokens.principalOf(await issuer.sign({ ...claims, role: 'ops' }))) as Principal
    expect(operator.scope.filter).toBe('tenant=acme')
    expect(operator.permissions.has('operate')).toBe(false)
    for (const project of [['web'], { a: 1 }, ''])
      await expect(
        tokens.principalOf(await issuer.sign({ ...claims, role: 'ops', app: { project } })),
      ).rejects.toMatchObject({ code: 'ANNALS_DENIED' })
    await expect(tokens.principalOf(await issuer.sign({ ...claims, since: 'monday' }))).rejects.toMatchObject(
      {
        code: 'ANNALS_DENIED',
      },
    )
    expect(await tokens.principalOf(await issuer.sign({ ...claims, since: 1_767_225_600 }))).toMatchObject({
      scope: { filter: 'tenant=acme recorded:2026-01-01T00:00:00.000Z..' },
    })
    const whole = tokensFor({ claims: {} })
    const all = (await whole.principalOf(await issuer.sign({ ...claims, role: 'ops' }))) as Principal
    expect(all.permissions.has('operate')).toBe(true)
    await expect(whole.principalOf(await issuer.sign({ ...claims, sub: undefined }))).rejects.toMatchObject({
      message: 'The token has no claim "sub".',
    })
  })

  it('of one tenant’s issuer are of that tenant, whatever they say; subjects have the type of their issuer', async () => {
    const tokens = tokensFor({ tenant: 'umbra', subjectType: 'umbra-user', claims: { tenant: 'org' } })
    expect(await tokens.principalOf(await issuer.sign(claims))).toMatchObject({
      tenant: 'umbra',
      scope: { filter: 'tenant=umbra', me: { type: 'umbra-user', id: 'alice' } },
    })
  })

  it('need https, or this machine and leave to do without', () => {
    const parse = (settings: object): boolean =>
      oidcSchema.safeParse({ audience: 'a', roleMap: {}, ...settings }).success
    expect(parse({ issuer: 'https://id.example' })).toBe(true)
    expect(parse({ issuer: 'http://id.example', allowHttp: true })).toBe(false)
    expect(parse({ issuer: 'http://127.0.0.1:8080' })).toBe(false)
    expect(parse({ issuer: 'http://127.0.0.1:8080', allowHttp: true })).toBe(true)
    expect(parse({ issuer: 'http://127.0.0.1.example', allowHttp: true })).toBe(false)
    expect(parse({ issuer: 'https://id.example', jwksUri: 'http://id.example/jwks' })).toBe(false)
    expect(parse({ issuer: 'file:///etc/passwd' })).toBe(false)
    expect(parse({ issuer: 'https://id.example', roleMap: { a: 'root' } })).toBe(false)
  })
})
