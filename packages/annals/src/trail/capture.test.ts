import { createSecretKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { catalog, defineEvent } from '../catalog/index.ts'
import type { AuditEvent, Draft } from '../model/index.ts'
import { createPolicy, hashValue, type PolicyDefinition } from '../policy/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { hashLookup } from './hash-lookup.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { all, newTrail, temporaryDirectory } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

const captured = (definition: PolicyDefinition): Promise<Trail> =>
  newTrail('memory', { capture: createPolicy(definition) })

async function eventsOf(trail: Trail): Promise<AuditEvent[]> {
  return await all(trail.events(''))
}

test('what the policy does not record is answered so, by the name of the rule', async () => {
  const trail = await captured({ rules: [{ name: 'reads', match: { action: '**.read' }, capture: 'none' }] })
  expect(await trail.record('file.read')).toEqual({ id: '', index: -1, level: 'none', rule: 'reads' })
  const answers = await trail.recordAll([{ action: 'file.read' }, { action: 'file.write' }, { action: '..' }])
  expect(answers).toMatchObject([
    { level: 'none' },
    { level: 'stored' },
    { error: { code: 'ANNALS_INVALID' } },
  ])
  expect((await eventsOf(trail)).map(event => event.action)).toEqual(['file.write'])
})

test('metadata leaves out data and changes, also where the type of the event requires data', async () => {
  const type = defineEvent('file.write', { data: z.object({ bytes: z.number() }) })
  const trail = await newTrail('memory', {
    catalog: catalog(type),
    capture: createPolicy({ otherwise: { capture: 'metadata' } }),
  })
  await trail.record('file.write', {
    data: { bytes: 3 },
    targets: [{ type: 'file', id: 'f' }],
    changes: [{ path: '/size', op: 'add', after: 3 }],
  })
  const [event] = await eventsOf(trail)
  expect(event).toMatchObject({ action: 'file.write', targets: [{ id: 'f' }] })
  expect(event).not.toHaveProperty('data')
  expect(event).not.toHaveProperty('changes')
  await expect(trail.record('file.write', { data: { bytes: 'x' } } as never)).rejects.toMatchObject({
    code: 'ANNALS_INVALID',
  })
})

test('rules see what drafts inherit, and which request they were recorded for', async () => {
  const trail = await captured({
    rules: [
      { name: 'dev', match: { tenant: 'dev-*' }, capture: 'none' },
      { name: 'find', match: { method: 'POST', route: '**/find' }, capture: 'none' },
    ],
  })
  expect(await trail.within({ tenant: 'dev-1' }, () => trail.record('a'))).toMatchObject({ rule: 'dev' })
  const tags = { 'http.request.method': 'POST', 'http.route': '/v1/machine/find' }
  expect(await trail.record('a', { tags })).toMatchObject({ rule: 'find' })
  expect(await trail.within({ tenant: 'prod' }, () => trail.record('a'))).toMatchObject({ level: 'stored' })
})

test('a single phase is one event when the outcome is known, with all that the attempt would have told', async () => {
  const trail = await captured({ defaults: { phases: 'single' } })
  const operation = await trail.begin('a', { data: { x: 1 }, id: 'key' })
  expect(operation).toMatchObject({ id: '', recorded: { level: 'none' } })
  expect(await eventsOf(trail)).toEqual([])
  expect(await operation.finish('success')).toMatchObject({ level: 'stored' })
  await expect(
    trail.wrap('b', {}, () => {
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(await eventsOf(trail)).toMatchObject([
    { action: 'a', phase: 'single', data: { x: 1 }, outcome: { result: 'success' } },
    { action: 'b', phase: 'single', outcome: { result: 'failure', message: 'no' } },
  ])
})

test('only failures: the attempt is not recorded, and its outcome alone when it is one', async () => {
  const trail = await captured({
    rules: [{ name: 'fine', match: { outcome: ['success', 'pending'] }, capture: 'none' }],
  })
  expect(await (await trail.begin('a')).finish('success')).toMatchObject({ level: 'none', rule: 'fine' })
  await (await trail.begin('a')).finish('failure')
  expect(await eventsOf(trail)).toMatchObject([{ phase: 'single', outcome: { result: 'failure' } }])
})

test('an attempt that is recorded gets its outcome, whatever the rule of that', async () => {
  const trail = await captured({ rules: [{ name: 'fine', match: { outcome: 'success' }, capture: 'none' }] })
  await (await trail.begin('a', { data: 1 })).finish('success', { data: 2 })
  expect(await eventsOf(trail)).toMatchObject([{ phase: 'attempt', data: 1 }, { phase: 'outcome' }])
  expect((await eventsOf(trail))[1]).not.toHaveProperty('data')
})

test('queued is answered with its id before it is durable, proved with a checkpoint that covers it', async () => {
  const trail = await captured({
    rules: [
      { name: 'fast', match: { action: 'fast' }, await: 'queued' },
      { name: 'safe', match: { action: 'safe' }, await: 'proved' },
    ],
  })
  await trail.record('first')
  const { id, level, index } = await trail.record('fast')
  expect([level, index]).toEqual(['queued', -1])
  const { index: last, level: safe } = await trail.record('safe')
  expect(safe).toBe('proved')
  expect(await trail.receipt(last)).toContain('c2sp.org/tlog-proof')
  expect(await trail.get(id)).toMatchObject({ id, action: 'fast' })
})

test('a rule that awaits witnesses is refused where there are none, and its attempt is denied', async () => {
  const trail = await captured({ defaults: { await: 'witnessed' } })
  await expect(trail.record('a')).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
  await trail.flush()
  expect(await eventsOf(trail)).toMatchObject([
    { action: 'a', phase: 'single' },
    { action: 'a', phase: 'outcome', outcome: { result: 'denied', code: 'ANNALS_NOT_AWAITED' } },
  ])
})

test('a policy that spools needs a trail that can', async () => {
  const capture = createPolicy({ rules: [{ name: 'later', onUnavailable: 'spool' }] })
  await expect(openTrail({ store: await openMemory(), capture })).rejects.toMatchObject({
    code: 'ANNALS_UNSUPPORTED',
  })
})

test('planted secrets are nowhere in the directory, nor in what is thrown; equal hashed values are found', async () => {
  const dir = temporaryDirectory()
  const type = defineEvent('user.create', { data: z.looseObject({ n: z.number() }) })
  const mask = {
    names: { email: 'hash' },
    events: [{ action: '**', pointers: { '/origin/ip': 'hash' } }],
  } as const
  const trail = await openTrail({ dir, catalog: catalog(type), capture: createPolicy({ mask }) })
  onTestFinished(() => trail.close())
  const secret = (n: number): string => `CANARY${n}x`
  const drafts: Omit<Draft, 'action'>[] = Array.from({ length: 50 }, (_, n) => ({
    actor: { type: 'user', id: `u${n}` },
    origin: { ip: '10.1.2.3', sessionId: secret(n) },
    outcome: { result: 'failure', message: `the token=${secret(n)} was not good` },
    description: `GET /x?access_token=${secret(n)}`,
    tags: { api_key: secret(n), email: 'a@b.c' },
    changes: [{ path: '/password', op: 'replace', before: secret(n), after: secret(n) }],
    data: {
      n,
      email: 'a@b.c',
      body: JSON.stringify({ list: [{ clientSecret: secret(n) }] }),
      form: `a=b&password=${secret(n)}`,
      headers: { Cookie: secret(n), authorization: [`Bearer ${secret(n)}`] },
      rawHeaders: ['Host', 'h', 'X-Api-Key', secret(n)],
      deep: [[{ request: { fields: [{ name: 'password', value: secret(n) }] } }]],
    },
  }))
  await trail.recordAll(drafts.map(draft => ({ ...draft, action: 'user.create' })))
  const bad = { ...drafts[0], data: { n: `password=${secret(0)}` } }
  const refused = await trail.record('user.create', bad as never).catch((error: Error) => error)
  expect(JSON.stringify(refused) + String(refused)).not.toContain('CANARY')
  expect(filesWith(dir, 'CANARY')).toEqual([])
  const lookup = await hashLookup({ dir, value: 'a@b.c' })
  expect(await trail.count(`"${lookup}"`)).toMatchObject({ total: 50 })
  const ip = await hashLookup({ dir, value: '10.1.2.3' })
  expect((await all(trail.events(''))).map(event => event.origin.ip)).toEqual(drafts.map(() => ip))
  expect(await trail.count(`ip="${ip}"`)).toMatchObject({ total: 50 })
  await trail.close()
  expect(filesWith(dir, 'CANARY')).toEqual([])
  await using reader = await openReader({ dir })
  expect((await reader.find('', { limit: 1 })).events[0]?.outcome.message).toBe(
    'the token=[masked] was not good',
  )
})

test('the hash of a value is that of its log', async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()]
  for (const dir of [one, other]) await (await openTrail({ dir })).close()
  expect(await hashLookup({ dir: one, value: 'a' })).not.toBe(await hashLookup({ dir: other, value: 'a' }))
  expect(await hashLookup({ dir: one, value: 'a', period: '2026-05' })).toMatch(/^hmac:2026-05:/)
  expect(hashValue(createSecretKey(Buffer.alloc(32)), 'a')).not.toBe(
    await hashLookup({ dir: one, value: 'a' }),
  )
})

/** Files below a directory that hold a text. */
function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(file => readFileSync(file).includes(text))
}
