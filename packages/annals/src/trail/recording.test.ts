import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catalog, createCatalog, defineEvent, type StandardSchemaV1 } from '../catalog/index.ts'
import { faultyStore, unhandledIn } from '../log/sequencer.test-support.ts'
import type { AuditEvent, Draft } from '../model/index.ts'
import { diff } from '../model/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import {
  all,
  inProcess,
  newTrail,
  numbers,
  STORES,
  sharedTrail,
  temporaryDirectory,
} from './trail.test-support.ts'

const MACHINE = [{ type: 'machine', id: 'web-3' }]

describe.each(STORES)('recording on the %s store', kind => {
  /** One trail for all lines of a table: opening costs more than they do. */
  const shared = sharedTrail(kind)

  it('T1: an unregistered type is refused, with the nearest name; the log never holds it', async () => {
    const trail = await newTrail(kind, { catalog: catalog(defineEvent('machine.delete')) })
    await expect(trail.record('machine.delte' as never)).rejects.toMatchObject({
      code: 'ANNALS_UNKNOWN_ACTION',
      path: '/action',
      hint: expect.stringContaining('machine.delete'),
    })
    await expect(trail.record('log.erasure' as never)).rejects.toMatchObject({ path: '/action' })
    expect((await trail.count()).total).toBe(0)
  })

  it('T2: a type of a few lines reads as a sentence at once', async () => {
    const machineDelete = defineEvent('machine.delete', {
      data: z.object({ force: z.boolean() }),
      describe: '{actor} deleted machine {target}',
    })
    const trail = await newTrail(kind, { catalog: catalog(machineDelete) })
    await trail.record('machine.delete', {
      actor: { type: 'user', id: 'u1', name: 'Alice' },
      targets: MACHINE,
      data: { force: true },
    })
    const [event] = await all(trail.events())
    expect(trail.describe(event!)).toBe('Alice deleted machine web-3')
    expect(await trail.catalog()).toMatchObject([{ action: 'machine.delete', events: 1, declared: true }])
  })

  it('T3: details that fail the schema are refused with their path; nothing is stored; the draft is as it was', async () => {
    const resize = defineEvent('machine.resize', { data: z.object({ disk: z.object({ gb: z.number() }) }) })
    const trail = await newTrail(kind, { catalog: catalog(resize) })
    const before = trail.size
    const draft = { targets: MACHINE, data: { disk: { gb: 'many' as never } } }
    const copy = structuredClone(draft)
    await expect(trail.record('machine.resize', draft)).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/data/disk/gb',
    })
    expect(draft).toEqual(copy)
    expect(trail.size).toBe(before)
  })

  it('T3: frozen drafts are taken, and what the caller changes afterwards is not recorded', async () => {
    const trail = await newTrail(kind)
    const data = { n: 1, list: [1] }
    const recording = trail.record('a', {
      data,
      tags: Object.freeze({ env: 'prod' }),
      targets: Object.freeze([...MACHINE]),
    })
    data.n = 2
    data.list.push(2)
    await recording
    expect((await all(trail.events()))[0]?.data).toEqual({ n: 1, list: [1] })
  })

  it('T4: the same key and body is one event with one id; another body is a conflict', async () => {
    const trail = await newTrail(kind)
    const draft = { id: 'order-17', data: { n: 1 } }
    const first = await trail.record('a', draft)
    expect(await trail.record('a', draft)).toEqual({ ...first, duplicate: true })
    await expect(trail.record('a', { ...draft, data: { n: 2 } })).rejects.toMatchObject({
      code: 'ANNALS_CONFLICT',
      path: '/id',
    })
    const imported = { source: { system: 'cloudtrail', id: 'x' } }
    const other = await trail.record('a', imported)
    expect((await trail.record('a', imported)).id).toBe(other.id)
    expect((await trail.count()).total).toBe(2)
  })

  it('T5: two types of one action are refused at start-up', () => {
    expect(() => catalog(defineEvent('a.b'), defineEvent('a.b'))).toThrow(
      expect.objectContaining({ code: 'ANNALS_CATALOG' }),
    )
    expect(() => defineEvent('log.mine')).toThrow(TypeError)
    expect(() => defineEvent('a..b')).toThrow(TypeError)
  })

  it('T8: an absent actor is unknown; a malformed one is kept as unverified, and the event is stored', async () => {
    const trail = await newTrail(kind)
    await trail.record('a')
    await trail.record('a', { actor: { type: 'user', id: 5 } as never })
    const [absent, malformed] = await all(trail.events())
    expect(absent?.actor).toEqual({ type: 'unknown', id: '' })
    expect(malformed?.actor.unverified).toBe(true)
    expect(malformed?.notes?.[0]?.path).toMatch(/^\/actor/)
  })

  it('T9: every actor type is recorded and found', async () => {
    const trail = await newTrail(kind)
    const types = [
      'user',
      'key',
      'token',
      'service',
      'instance',
      'operator',
      'system',
      'anonymous',
      'unknown',
    ]
    for (const type of types) await trail.record('a', { actor: { type, id: `${type}-1` } })
    for (const type of types) expect((await trail.find(`actor.type:${type}`)).events).toHaveLength(1)
  })

  it('T10: delegation keeps both identities, and either finds it', async () => {
    const trail = await newTrail(kind)
    const actor = { type: 'operator', id: 'op', onBehalfOf: { type: 'user', id: 'alice', name: 'Alice' } }
    await trail.record('a', { actor })
    const [event] = await all(trail.events())
    expect(event?.actor).toEqual(actor)
  })

  it('T14: an event with many targets is stored once and found from each', async () => {
    const trail = await newTrail(kind)
    const targets = Array.from({ length: 20 }, (_, i) => ({ type: 'machine', id: `m${i}` }))
    await trail.record('a', { targets })
    for (const { id } of targets) expect((await trail.find(`target:${id}`)).events).toHaveLength(1)
    expect((await trail.count()).total).toBe(1)
  })

  it('T22: a backfilled event keeps its claimed time, who entered it and why', async () => {
    const trail = await newTrail(kind)
    const backfill = { by: 'op-7', basis: 'ticket 12', enteredAt: '2026-11-20T00:00:00.000Z' }
    await trail.record('a', { occurredAt: '2020-02-29T12:00:00+02:00', backfill })
    const [event] = await all(trail.events())
    expect(event).toMatchObject({ occurredAt: '2020-02-29T10:00:00.000Z', backfill })
    expect(Date.parse(event!.recordedAt)).toBeGreaterThan(Date.parse('2025-01-01'))
  })

  it('T23: durations are measured, never negative, and order is by position whatever times are claimed', async () => {
    const trail = await newTrail(kind)
    await trail.wrap('work', { occurredAt: '2030-01-01T00:00:00.000Z' }, () => delay(20))
    await trail.record('later', { occurredAt: '1999-01-01T00:00:00.000Z' })
    const events = await all(trail.events())
    expect(events.map(event => event.action)).toEqual(['work', 'work', 'later'])
    expect(events[1]?.outcome.durationMs).toBeGreaterThanOrEqual(15)
    await expect(trail.record('a', { outcome: { result: 'success', durationMs: -1 } })).rejects.toMatchObject(
      {
        path: '/outcome/durationMs',
      },
    )
  })

  it('T25: details over the cap are cut, with a digest; the write succeeds', async () => {
    const trail = await newTrail(kind)
    await trail.record('a', { data: { text: 'é'.repeat(300_000), small: 'x' } })
    const [event] = await all(trail.events())
    expect(event?.truncated).toMatchObject([
      { path: '/data/text', bytes: 600_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ])
    expect((event!.data as { small: string }).small).toBe('x')
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(270_000)
  })

  it('T26: what diff says is stored as it is: nested, dotted and __proto__ keys, null and missing', async () => {
    const trail = await newTrail(kind)
    const before = JSON.parse('{"a.b":1,"list":[1,2],"__proto__":{"x":1},"gone":null,"same":{"deep":1}}')
    const after = JSON.parse('{"a.b":2,"list":[1,3,4],"__proto__":{"x":2},"new":null,"same":{"deep":1}}')
    const changes = diff(before, after)
    await trail.record('a', { changes })
    const [event] = await all(trail.events())
    expect(event?.changes).toEqual(changes)
    expect(changes.map(change => change.path)).toContain('/__proto__/x')
  })

  it('T49: order of a call is the order of the log, and each answer is in its place', async () => {
    const trail = await newTrail(kind)
    const drafts = [...sampleDrafts({ count: 500 })]
    const answers = await trail.recordAll(drafts)
    const indexes = answers.map(answer => ('index' in answer ? answer.index : -1))
    expect(indexes).toEqual(indexes.map((_, i) => indexes[0]! + i))
    expect((await all(trail.events())).map(event => event.action)).toEqual(drafts.map(draft => draft.action))
  })

  it('recordAll refuses the bad ones and records the others', async () => {
    const trail = await newTrail(kind)
    const answers = await trail.recordAll([
      { action: 'a', data: { n: 1 } },
      { action: '' },
      { action: 'a', data: { n: Number.NaN } },
      null as never,
      { action: 'a', data: { n: 2 }, id: 'k' },
      { action: 'a', data: { n: 2 }, id: 'k' },
      { action: 'a', data: { n: 3 }, id: 'k' },
      { action: 'a', data: { n: 4 } },
    ])
    expect(answers.map(answer => ('error' in answer ? answer.error.code : 'stored'))).toEqual([
      'stored',
      'ANNALS_INVALID',
      'ANNALS_INVALID',
      'ANNALS_INVALID',
      'stored',
      'stored',
      'ANNALS_CONFLICT',
      'stored',
    ])
    expect(numbers(await all(trail.events()))).toEqual([1, 2, 4])
    expect(await trail.recordAll([])).toEqual([])
    expect(() => trail.recordAll({} as never)).toThrow(TypeError)
  })

  it('an asynchronous schema keeps the order of the call, and one that fails or throws refuses its draft only', async () => {
    // By hand: zod tries a schema without waiting first, and leaves the rejection of that trial unhandled.
    const data: StandardSchemaV1<{ n: number }, { n: number }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        async validate(value) {
          const { n } = value as { n: number }
          await delay(n % 3)
          if (n === 5) throw new Error('the schema broke')
          return n === 4 ? { issues: [{ message: 'not four', path: ['n'] }] } : { value: { n } }
        },
      },
    }
    const slow = defineEvent('slow', { data })
    const trail = await newTrail(kind, { catalog: catalog(slow, defineEvent('quick')) })
    const drafts: Draft[] = Array.from({ length: 12 }, (_, n) => ({
      action: n % 2 === 0 || n === 5 ? 'slow' : 'quick',
      data: { n },
    }))
    const answers = await trail.recordAll(drafts)
    expect(answers.map((answer, n) => ('error' in answer ? n : -1)).filter(n => n >= 0)).toEqual([4, 5])
    expect(numbers(await all(trail.events()))).toEqual([0, 1, 2, 3, 6, 7, 8, 9, 10, 11])
    await expect(trail.record('slow', { data: { n: 4 } })).rejects.toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/data/n',
    })
    await expect(trail.record('slow', { data: { n: 5 } })).rejects.toMatchObject({ code: 'ANNALS_CATALOG' })
  })

  it('onRecorded sees every event as it is read back, in order, before record resolves; what it throws is reported', async () => {
    const seen: AuditEvent[] = []
    const errors: Error[] = []
    const trail = await newTrail(kind, {
      onRecorded: event => {
        seen.push(event)
        if (event.action === 'throws') throw new Error('the hook broke')
      },
      onError: error => {
        errors.push(error)
        throw new Error('and so did the handler')
      },
    })
    const drafts: Draft[] = [
      ...sampleDrafts({ count: 60 }),
      { action: 'throws' },
      { action: 'a', data: { zero: -0, gone: undefined } },
    ]
    for (const { action, ...draft } of drafts) {
      const { index } = await trail.record(action, draft)
      expect(seen.at(-1)?.index).toBe(index)
    }
    expect(seen).toStrictEqual(await all(trail.events()))
    expect(errors.map(error => error.message)).toEqual(['the hook broke'])
  })

  it('begin and finish join by operation; only the first finish records; the outcome repeats who and what', async () => {
    const trail = await newTrail(kind)
    const operation = await trail.begin('machine.delete', {
      actor: { type: 'user', id: 'u' },
      targets: MACHINE,
      tags: { env: 'p' },
      id: 'once',
    })
    expect((await all(trail.events())).map(event => event.outcome)).toEqual([{ result: 'pending' }])
    const [one, two] = await Promise.all([operation.finish('failure'), operation.finish('success')])
    expect(two).toEqual(one)
    const [attempt, outcome] = await all(trail.events())
    expect(attempt).toMatchObject({ phase: 'attempt', operation: operation.id, id: operation.id })
    expect(outcome).toMatchObject({
      phase: 'outcome',
      operation: operation.id,
      outcome: { result: 'failure', durationMs: expect.any(Number) },
      actor: { id: 'u' },
      targets: MACHINE,
      tags: { env: 'p' },
    })
    expect(trail.size).toBe(outcome!.index + 1)
  })

  it('a finish that was refused may be called again', async () => {
    const trail = await newTrail(kind)
    const operation = await trail.begin('a')
    await expect(operation.finish('success', { data: Number.NaN })).rejects.toMatchObject({ path: '/data' })
    await operation.finish('success', { data: 1 })
    expect((await all(trail.events())).map(event => event.outcome.result)).toEqual(['pending', 'success'])
  })

  it('wrap returns what the work returns and throws what it throws, with code, message and duration in the outcome', async () => {
    const trail = await newTrail(kind)
    expect(await trail.wrap('a', {}, () => 42)).toBe(42)
    const error = Object.assign(new Error('too late'), { code: 'E_LATE' })
    await expect(
      trail.wrap('a', {}, async () => {
        await delay(10)
        throw error
      }),
    ).rejects.toBe(error)
    await trail.wrap('a', {}, operation => operation.finish('denied'))
    const outcomes = (await all(trail.events('phase:outcome'))).map(event => event.outcome)
    expect(outcomes).toMatchObject([
      { result: 'success' },
      { result: 'failure', code: 'E_LATE', message: 'too late' },
      { result: 'denied' },
    ])
    expect(outcomes[1]?.durationMs).toBeGreaterThanOrEqual(8)
    expect(JSON.stringify(outcomes)).not.toContain('at ')
  })

  it.each([
    ['a lone surrogate', new Error('cut \ud83d')],
    ['a message of megabytes', new Error('x'.repeat(3_000_000))],
    ['a code of kilobytes', Object.assign(new Error('x'), { code: 'c'.repeat(2_000) })],
    ['null', null],
    ['undefined', undefined],
    ['a symbol', Symbol('s')],
    ['an object without a prototype', Object.create(null)],
    [
      'accessors that throw',
      {
        get message() {
          throw new Error('trap')
        },
      },
    ],
  ])('wrap: work that throws %s still has its outcome, and throws just that', async (_, thrown) => {
    const trail = shared()
    const caught = await trail
      .wrap('a', {}, () => {
        throw thrown
      })
      .then(
        () => 'nothing',
        error => error,
      )
    expect(caught).toBe(thrown)
    const { events } = await trail.find('', { limit: 2 })
    expect(events.map(event => event.outcome.result)).toEqual(['failure', 'pending'])
    expect(events[0]?.operation).toBe(events[1]?.id)
  })

  it('within: fields are inherited, scopes nest, what a draft gives wins, and calls side by side do not mix', async () => {
    const trail = await newTrail(kind)
    await trail.within(
      {
        tenant: 't1',
        actor: { type: 'user', id: 'outer' },
        origin: { ip: '192.0.2.1', requestId: 'r1' },
        tags: { a: '1' },
      },
      async () => {
        await trail.record('one')
        await trail.within(
          { actor: { type: 'user', id: 'inner' }, origin: { requestId: 'r2' }, tags: { b: '2' } },
          async () => {
            await delay(2)
            await trail.record('two', { origin: { host: 'h' }, tags: { a: '3' }, tenant: undefined })
          },
        )
        const operation = await trail.begin('three')
        await operation.finish('success')
      },
    )
    await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        trail.within({ tenant: `t${n}` }, async () => {
          await delay(n % 5)
          await trail.record('many', { data: { n } })
        }),
      ),
    )
    await trail.record('outside')
    const events = await all(trail.events())
    expect(events[0]).toMatchObject({
      tenant: 't1',
      actor: { id: 'outer' },
      origin: { ip: '192.0.2.1', requestId: 'r1' },
    })
    expect(events[1]).toMatchObject({ tenant: 't1', actor: { id: 'inner' }, tags: { a: '3', b: '2' } })
    expect(events[1]?.origin).toEqual({ ip: '192.0.2.1', requestId: 'r2', host: 'h' })
    expect(events[3]).toMatchObject({ phase: 'outcome', actor: { id: 'outer' }, tenant: 't1' })
    for (const event of events.filter(one => one.action === 'many')) {
      expect(event.tenant).toBe(`t${(event.data as { n: number }).n}`)
    }
    expect(events.at(-1)?.tenant).toBeUndefined()
    expect(trail.within({}, () => 7)).toBe(7)
  })

  it.each<[string, unknown, string, string]>([
    ['NaN', { data: { a: [Number.NaN] } }, 'ANNALS_INVALID', '/data/a/0'],
    ['an infinity', { data: { a: Number.POSITIVE_INFINITY } }, 'ANNALS_INVALID', '/data/a'],
    ['2^53', { data: { a: 2 ** 53 } }, 'ANNALS_INVALID', '/data/a'],
    ['a bigint', { data: { a: 1n } }, 'ANNALS_INVALID', '/data/a'],
    ['a lone surrogate', { data: { a: '\ud800' } }, 'ANNALS_INVALID', '/data/a'],
    ['a lone surrogate in a tag', { tags: { a: '\udfff' } }, 'ANNALS_INVALID', '/tags/a'],
    ['a Date within data', { data: { a: new Date() } }, 'ANNALS_INVALID', '/data/a'],
    ['an unsafe date', { occurredAt: 8.64e15 + 1 }, 'ANNALS_INVALID', '/occurredAt'],
    ['an invalid Date', { occurredAt: new Date(Number.NaN) }, 'ANNALS_INVALID', '/occurredAt'],
    ['a date without a zone', { occurredAt: '2026-01-01T00:00:00' }, 'ANNALS_INVALID', '/occurredAt'],
    ['a 31st of February', { occurredAt: '2026-02-31T00:00:00Z' }, 'ANNALS_INVALID', '/occurredAt'],
    ['an own __proto__', JSON.parse('{"__proto__":{"retention":"x"}}'), 'ANNALS_INVALID', '/__proto__'],
    ['index', { index: 5 }, 'ANNALS_INVALID', '/index'],
    ['recordedAt', { recordedAt: 'now' }, 'ANNALS_INVALID', '/recordedAt'],
    ['a misspelt field', { targts: [] }, 'ANNALS_INVALID', '/targts'],
    ['65 targets', { targets: Array.from({ length: 65 }, () => MACHINE[0]) }, 'ANNALS_LIMIT', '/targets'],
    [
      'a target id of 600 bytes',
      { targets: [{ type: 'm', id: 'é'.repeat(300) }] },
      'ANNALS_LIMIT',
      '/targets/0/id',
    ],
    ['depth 40', { data: nested(40) }, 'ANNALS_LIMIT', '/data'],
    ['a retention class that is not there', { retention: 'eternal' }, 'ANNALS_INVALID', '/retention'],
    ['an operation that is no id', { phase: 'outcome', operation: 'x' }, 'ANNALS_INVALID', '/operation'],
  ])(
    'hostile drafts: %s is refused with path and rule, nothing is stored, also within a scope',
    async (_, draft, code, path) => {
      const trail = shared()
      const before = trail.size
      const refused = {
        code,
        path: expect.stringMatching(new RegExp(`^${path}`)),
        message: expect.stringMatching(/.{10}/),
      }
      await expect(trail.record('a', draft as never)).rejects.toMatchObject(refused)
      await expect(
        trail.begin('a', draft as never).then(operation => operation.finish('success')),
      ).rejects.toThrow()
      const inside = trail.within({ tenant: 't', origin: {} }, () => trail.record('a', draft as never))
      await expect(inside).rejects.toMatchObject(refused)
      expect(trail.size).toBe(before)
      expect(await trail.record('a')).toMatchObject({ index: before })
    },
  )

  it('hostile drafts: a string of 10 MB is cut, a cycle and throwing accessors are refused, and the process lives', async () => {
    const trail = await newTrail(kind)
    await trail.record('a', { data: 'x'.repeat(10_000_000) })
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    await expect(trail.record('a', { data: cycle })).rejects.toMatchObject({ code: 'ANNALS_LIMIT' })
    const trap = {
      get boom(): never {
        throw new Error('boom')
      },
    }
    await expect(trail.record('a', { data: trap })).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    const million = Array.from({ length: 1_000_000 }, () => 0)
    await expect(trail.record('a', { data: million })).rejects.toMatchObject({ code: 'ANNALS_LIMIT' })
    expect((await all(trail.events())).map(event => event.truncated?.length)).toEqual([1])
  })

  it('programmer mistakes throw TypeError at once', async () => {
    const trail = await newTrail(kind)
    for (const draft of [null, 5, 'x', []] as never[]) {
      expect(() => trail.record('a', draft)).toThrow(TypeError)
      expect(() => trail.begin('a', draft)).toThrow(TypeError)
    }
    expect(() => trail.events('', { follow: true, order: 'desc' })).toThrow(TypeError)
    await expect(openTrail({})).rejects.toThrow(TypeError)
    await expect(openTrail({ dir: '' })).rejects.toThrow(TypeError)
    await expect(openTrail({ dir: temporaryDirectory(), limits: { targets: 65 } })).rejects.toThrow(TypeError)
  })

  it('T48: what happened to a subject stays when events about its deletion are recorded', async () => {
    const trail = await newTrail(kind)
    await trail.record('user.create', { targets: [{ type: 'user', id: 'u' }] })
    await trail.record('user.delete', { targets: [{ type: 'user', id: 'u' }] })
    expect((await trail.find('target:u')).events.map(event => event.action)).toEqual([
      'user.delete',
      'user.create',
    ])
  })

  it('no handler is left out: refusals, failures and close leave no unhandled rejection', async () => {
    const caught = await unhandledIn(async () => {
      const trail = await newTrail(kind, { onError: () => {} })
      await Promise.allSettled([
        trail.record('a', { data: 1n }),
        trail.recordAll([{ action: '' }]),
        trail.begin('', {}),
        trail.wrap('', {}, () => {}),
        trail.find('(('),
        trail.get('x'),
        trail.receipt(99_999),
        all(trail.events('', { seek: 'not an id' })),
      ])
      const stream = trail.events('', { follow: true })[Symbol.asyncIterator]()
      const waiting = stream.next()
      await trail.close()
      await waiting
    })
    expect(caught).toEqual([])
  })
})

describe('the embedded store underneath', () => {
  it('T6 T7: a retired type is read and described for ever but not written; older versions read in the latest shape', async () => {
    const dir = temporaryDirectory()
    const old = await openTrail({
      dir,
      catalog: catalog(
        defineEvent('machine.resize', {
          data: z.object({ mb: z.number() }),
          describe: '{actor} resized {target}',
        }),
        defineEvent('machine.beep', { describe: '{actor} beeped {target}' }),
      ),
    })
    await old.record('machine.resize', { targets: MACHINE, data: { mb: 2048 } })
    await old.record('machine.beep', { targets: MACHINE })
    await old.close()
    const resize = defineEvent('machine.resize', {
      version: 2,
      data: z.object({ gb: z.number() }),
      upcast: { 1: data => ({ gb: (data as { mb: number }).mb / 1024 }) },
    })
    const types = catalog(
      resize,
      defineEvent('machine.beep', { retired: 'use machine.ping', describe: '{actor} beeped {target}' }),
    )
    const trail = await openTrail({ dir, catalog: types })
    await trail.record('machine.resize', { data: { gb: 4 } })
    const events = await all(trail.events())
    expect(events.filter(event => event.action === 'machine.resize').map(event => event.data)).toEqual([
      { gb: 2 },
      { gb: 4 },
    ])
    expect(trail.describe(events[1]!)).toContain('beeped web-3')
    await expect(trail.record('machine.beep')).rejects.toMatchObject({
      code: 'ANNALS_RETIRED',
      hint: 'use machine.ping',
    })
    await trail.close()
    expect(await trail.verify().catch(error => error.code)).toBeDefined()
  })

  it('T19 P3: after a restart everything is there, ids rise on, and the sources of both openings are closed', async () => {
    const dir = temporaryDirectory()
    const ids: string[] = []
    for (let round = 0; round < 3; round++) {
      const trail = await openTrail({ dir })
      for (let n = 0; n < 5; n++) ids.push((await trail.record('a', { data: { n: round * 5 + n } })).id)
      await trail.close()
    }
    expect([...ids].sort()).toEqual(ids)
    await using reader = await openReader({ dir })
    expect(numbers(await all(reader.events()))).toEqual(Array.from({ length: 15 }, (_, n) => n))
    const own = (await all(reader.events('action:log.*'))).map(event => event.action)
    expect(own).toEqual([
      'log.open',
      ...Array.from({ length: 3 }, () => ['log.source.open', 'log.source.close']).flat(),
    ])
    const report = await reader.verify()
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ ok: true, size: 22 })
  })

  it('P5: nothing of a source follows its farewell, though events and outcomes come while it closes', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    const operation = await trail.begin('work')
    const early = Array.from({ length: 50 }, () => trail.record('early'))
    const closing = trail.close()
    const late = await Promise.allSettled([
      trail.record('late'),
      operation.finish('success'),
      trail.begin('late'),
    ])
    await closing
    expect((await Promise.allSettled(early)).every(one => one.status === 'fulfilled')).toBe(true)
    expect(late[0]).toMatchObject({ reason: { code: 'ANNALS_CLOSED' } })
    expect(await trail.recordAll([{ action: 'late' }])).toMatchObject([{ error: { code: 'ANNALS_CLOSED' } }])
    await using reader = await openReader({ dir })
    const actions = (await all(reader.events('', { includeLog: true }))).map(event => event.action)
    expect(actions.at(-1)).toBe('log.source.close')
    expect(actions).not.toContain('late')
  })

  it('T27: what schema and masks drop never reaches the disk', async () => {
    const dir = temporaryDirectory()
    const login = defineEvent('login', { data: z.object({ method: z.string() }) })
    const trail = await openTrail({ dir, catalog: createCatalog([login]) })
    const secret = 'hunter2-never-on-disk'
    await trail.record('login', { data: { method: 'password', password: secret } as never })
    await expect(trail.record('login', { data: { method: 5, password: secret } as never })).rejects.toThrow()
    await trail.close()
    for (const file of readdirSync(dir, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(secret)).toBe(false)
    }
  })

  it('T57: a second opener is refused with ANNALS_LOCKED naming the holder, in this process and in another', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    const locked = {
      code: 'ANNALS_LOCKED',
      retryable: true,
      message: expect.stringContaining(`process ${process.pid}`),
    }
    await expect(openTrail({ dir })).rejects.toMatchObject(locked)
    const said = await inProcess(
      `import { openTrail } from 'annals'
       await openTrail({ dir: process.argv[1] }).then(() => console.log('opened'), error => console.log(JSON.stringify({ code: error.code, retryable: error.retryable, message: error.message })))`,
      dir,
    )
    expect(JSON.parse(said)).toMatchObject(locked)
    await trail.record('a')
    await trail.close()
    const again = await openTrail({ dir })
    await again.close()
  })

  it('T57: submit from a second process is recorded by the holder, in order, with refusals and once', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    const said = await inProcess(
      `import { submit } from 'annals'
       const drafts = [{ action: 'remote', data: { n: 1 } }, { action: '', data: 1 }, { action: 'remote', data: { n: 2 }, id: 'k' }]
       const first = await submit({ dir: process.argv[1], drafts })
       const again = await submit({ dir: process.argv[1], drafts: [drafts[2]] })
       console.log(JSON.stringify([...first, ...again].map(one => one.error ? { code: one.error.code, path: one.error.path } : one)))`,
      dir,
    )
    const answers = JSON.parse(said)
    expect(answers[1]).toEqual({ code: 'ANNALS_INVALID', path: '/action' })
    expect(answers[3]).toEqual({ ...answers[2], duplicate: true })
    expect(numbers(await all(trail.events()))).toEqual([1, 2])
    await trail.close()
  })

  it('T57: submit without a holder that answers is bounded, and leaves nothing behind', async () => {
    const dir = temporaryDirectory()
    await (await openTrail({ dir })).close()
    const { submit } = await import('./submit.ts')
    const started = performance.now()
    await expect(submit({ dir, drafts: [{ action: 'a' }], timeoutMs: 150 })).rejects.toMatchObject({
      code: 'ANNALS_LOCKED',
    })
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(readdirSync(join(dir, 'inbox'))).toEqual([])
  })

  it('T57 T44: a reader in another process gets a gapless sequence, live, and never n+1 before n', async () => {
    const dir = temporaryDirectory()
    const trail = await openTrail({ dir })
    await trail.record('a', { data: { n: 0 } })
    const reading = inProcess(
      `import { openReader } from 'annals'
       const reader = await openReader({ dir: process.argv[1] })
       const seen = []
       for await (const event of reader.events('action:a', { follow: true, limit: 400 })) seen.push(event.data.n)
       await reader.close()
       console.log(JSON.stringify(seen))`,
      dir,
    )
    for (let n = 1; n < 400; n += 3) {
      await Promise.all([0, 1, 2].map(more => trail.record('a', { data: { n: n + more } })))
      if (n % 30 === 1) await delay(20)
    }
    expect(JSON.parse(await reading)).toEqual(Array.from({ length: 400 }, (_, n) => n))
    await trail.close()
  })
})

describe('a store that misbehaves', () => {
  it('T21: a store that fails makes record reject with its reason, and recording goes on when it is back', async () => {
    const { store, log } = await faultyStore()
    const trail = await openTrail({ store, onError: () => {} })
    await trail.record('a')
    log.before = () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    await expect(trail.record('a')).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL', retryable: true })
    let ran = false
    await expect(
      trail.wrap('a', {}, () => {
        ran = true
      }),
    ).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL' })
    expect(ran).toBe(false)
    log.before = () => {}
    await trail.record('a')
    expect((await trail.count()).total).toBe(2)
    await trail.close()
  })

  it('wrap: when the outcome cannot be recorded, the caller still gets what the work threw, and onError why', async () => {
    const { store, log } = await faultyStore()
    const errors: Error[] = []
    const trail = await openTrail({ store, onError: error => errors.push(error) })
    const mine = new Error('mine')
    await expect(
      trail.wrap('a', {}, () => {
        log.before = () => {
          throw new Error('EIO')
        }
        throw mine
      }),
    ).rejects.toBe(mine)
    expect(errors).toMatchObject([{ code: 'ANNALS_STORE' }])
    log.before = () => {}
    await trail.close()
  })

  it('an attempt that became durable after its caller was told ANNALS_TIMEOUT is denied, also with a strict schema and among other scopes', async () => {
    const { store, log } = await faultyStore()
    const types = catalog(
      defineEvent('machine.delete', { data: z.object({ size: z.string().transform(Number) }) }),
      defineEvent('other'),
    )
    const trail = await openTrail({ store, catalog: types, waiting: { patienceMs: 60 } })
    await trail.record('other')
    const release = log.hold()
    const timedOut = { code: 'ANNALS_TIMEOUT' }
    const begun = trail.begin('machine.delete', {
      tenant: 't',
      data: { size: '5' },
      actor: { type: 'user', id: 'u' },
    })
    begun.catch(() => {})
    await delay(5)
    await expect(begun).rejects.toMatchObject(timedOut)
    await trail.within({ tenant: 'other', tags: { leak: 'yes' }, origin: { ip: '192.0.2.9' } }, async () => {
      release()
      await delay(20)
      await trail.record('other')
    })
    const events = (await all(trail.events('action:machine.delete'))) as AuditEvent[]
    expect(events).toMatchObject([
      { phase: 'attempt', outcome: { result: 'pending' } },
      {
        phase: 'outcome',
        outcome: { result: 'denied', code: 'ANNALS_NOT_AWAITED' },
        tenant: 't',
        actor: { id: 'u' },
      },
    ])
    expect(events[1]?.operation).toBe(events[0]?.id)
    expect(events[1]).not.toHaveProperty('tags')
    expect(events[1]?.origin).toEqual({})
    await trail.close()
  })

  it('an outcome that nobody awaited stands; a slow store makes no chain of denials', async () => {
    const { store, log } = await faultyStore()
    const trail = await openTrail({ store, waiting: { patienceMs: 50 }, onError: () => {} })
    const operation = await trail.begin('a')
    log.before = () => delay(120)
    await expect(operation.finish('success')).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    await expect(trail.record('b')).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    await delay(600)
    log.before = () => {}
    const events = await all(trail.events('action:a'))
    expect(events.map(event => event.outcome.result)).toEqual(['pending', 'success'])
    const others = await all(trail.events('action:b'))
    expect(others.map(event => event.outcome.code)).toEqual(
      others.length === 0 ? [] : [undefined, 'ANNALS_NOT_AWAITED'],
    )
    await trail.close()
  })

  it('T20 P5: close over a hung store is bounded, says so, and nothing runs or is written after it', async () => {
    const { store, log } = await faultyStore()
    const errors: Error[] = []
    const caught = await unhandledIn(async () => {
      const trail = await openTrail({
        store,
        waiting: { patienceMs: 60 },
        onError: error => errors.push(error),
      })
      await trail.record('a')
      log.hold()
      const pending = trail.record('a')
      pending.catch(() => {})
      const started = performance.now()
      await expect(trail.close()).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
      expect(performance.now() - started).toBeLessThan(20_000)
      await expect(pending).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
      await expect(trail.record('a')).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
      const before = errors.length
      const appends = log.appends
      await delay(1_300)
      expect(errors.length).toBe(before)
      expect(log.appends).toBe(appends)
    })
    expect(caught).toEqual([])
  })

  it('flush is bounded over a hung store, and does not wait for what comes meanwhile', async () => {
    const { store, log } = await faultyStore()
    const trail = await openTrail({ store, waiting: { patienceMs: 80 }, onError: () => {} })
    let running = true
    const load = (async () => {
      while (running) await Promise.race([trail.record('load').catch(() => {}), delay(1)])
    })()
    await trail.flush()
    expect(await trail.checkpoint()).toBeDefined()
    const release = log.hold()
    await delay(5)
    await expect(trail.flush()).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    release()
    running = false
    await load
    await trail.close()
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { in: nested(depth - 1) }
}
