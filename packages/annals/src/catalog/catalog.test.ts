import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AnnalsError, DEFAULT_LIMITS, isLogAction, type NormalEvent, normalizeDraft } from '../model/index.ts'
import {
  type Catalog,
  catalog,
  createCatalog,
  defineEvent,
  type EventTypeOptions,
  LOG_TYPES,
  type StandardSchemaV1,
} from './index.ts'

const machineDelete = defineEvent('machine.delete', {
  data: z.object({ force: z.boolean().default(false), note: z.string().optional() }),
  describe: '{actor} deleted machine {target}',
  retention: 'security',
  visibility: 'operator',
  topics: ['fleet.change'],
})
const renamed = defineEvent('machine.rename', { retired: 'use machine.update' })
const versioned = defineEvent('machine.resize', {
  version: 3,
  data: z.object({ sizeMb: z.number() }),
  upcast: {
    1: data => ({ size: (data as { s: number }).s }),
    2: data => ({ sizeMb: (data as { size: number }).size * 1024 }),
  },
})
const even: StandardSchemaV1<number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async value =>
      typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'must be even' }] },
  },
}
const slow = defineEvent('number.even', { data: even })
const types = catalog(machineDelete, [renamed, [versioned]], slow)
const normal = (draft: object): NormalEvent => normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })

async function refusal(where: Catalog, draft: object): Promise<AnnalsError> {
  try {
    await where.admit(normal(draft))
  } catch (error) {
    if (error instanceof AnnalsError) return error
    throw error
  }
  throw new Error('was admitted')
}

describe('defineEvent', () => {
  it.each<[string, unknown, unknown]>([
    ['a bad path', 'a..b', {}],
    ['no text', 7, {}],
    ['the log’s own', 'log.seal', {}],
    ['an unknown option', 'a', { descirbe: '' }],
    ['null options', 'a', null],
    ['no schema', 'a', { data: {} }],
    ['a bad placeholder', 'a', { describe: '{actr} did' }],
    ['an open brace', 'a', { describe: '{actor did' }],
    ['a lone closing brace', 'a', { describe: 'x } y' }],
    ['a bad visibility', 'a', { visibility: 'all' }],
    ['version 0', 'a', { version: 0 }],
    ['a missing upcaster', 'a', { version: 2 }],
    ['an upcaster of no version', 'a', { upcast: { 1: () => 1 } }],
    ['part who', 'a', { parts: { who: ['/data'] } }],
    ['a part name', 'a', { parts: { Private: ['/data'] } }],
    ['a part without pointers', 'a', { parts: { x: [] } }],
    ['overlapping parts', 'a', { parts: { x: ['/data/a'], y: ['/data/a/b'] } }],
    ['overlap with internal', 'a', { parts: { x: ['/data'] }, internal: ['/data/b'] }],
    ['internal as part', 'a', { parts: { internal: ['/data'] } }],
    ['a part of the header', 'a', { internal: ['/action'] }],
    ['a piece of targets', 'a', { internal: ['/targets/0'] }],
    ['a person that is no pointer', 'a', { persons: ['data/owner'] }],
    ['a topic below log', 'a', { topics: ['log.x'] }],
  ])('throws TypeError for %s', (_, action, options) => {
    expect(() => defineEvent(action as string, options as EventTypeOptions)).toThrow(TypeError)
  })

  it('freezes what it makes', () => {
    expect(Object.isFrozen(machineDelete)).toBe(true)
  })
})

describe('createCatalog', () => {
  it('T5 refuses duplicates and unknown retention classes', () => {
    expect(() => catalog(renamed, [renamed])).toThrow(expect.objectContaining({ code: 'ANNALS_CATALOG' }))
    const paid = defineEvent('pay', { retention: 'payments' })
    expect(() => catalog(paid)).toThrow(expect.objectContaining({ code: 'ANNALS_CATALOG' }))
    expect(createCatalog([paid], { retention: { payments: 3650 } }).retention['payments']).toBe(3650)
    expect(() => createCatalog([], { retention: { ledger: 1 } })).toThrow(TypeError)
    expect(() => catalog({ action: 'x' } as never)).toThrow(TypeError)
  })

  it('is closed once it has types, unless told', () => {
    expect([catalog().open, catalog(renamed).open, createCatalog([renamed], { open: true }).open]).toEqual([
      true,
      false,
      true,
    ])
  })

  it('knows the log’s own types, which nobody can define', () => {
    expect(LOG_TYPES.size).toBe(18)
    for (const [action, type] of LOG_TYPES) {
      expect(isLogAction(action)).toBe(true)
      expect([type.visibility, type.retention]).toEqual(['operator', 'ledger'])
      expect(types.get(action)).toBe(type)
    }
    expect(() => createCatalog([...LOG_TYPES.values()])).toThrow(TypeError)
  })
})

describe('admit', () => {
  it('T1 refuses an unregistered action and names the nearest', async () => {
    const error = await refusal(types, { action: 'machine.delte' })
    expect(error).toMatchObject({ code: 'ANNALS_UNKNOWN_ACTION', path: '/action' })
    expect(error.hint).toContain("'machine.delete'")
    expect((await refusal(types, { action: 'constructor' })).code).toBe('ANNALS_UNKNOWN_ACTION')
  })

  it('takes any action when open, with general defaults', () => {
    expect(catalog().admit(normal({ action: 'x.y', data: 1 }))).toEqual({
      ...normal({ action: 'x.y', data: 1 }),
      defaulted: undefined,
    })
    expect(catalog().admit(normal({ action: 'x.y' }))).toHaveProperty('defaulted', undefined)
  })

  it('T2 fills in what the draft left open, and keeps what it said', () => {
    const draft = { action: 'machine.delete', data: {}, topics: ['x'] }
    expect(types.admit(normal(draft))).toMatchObject({
      visibility: 'operator',
      retention: 'security',
      version: 1,
      topics: ['x', 'fleet.change'],
      data: { force: false },
    })
    expect(types.admit(normal({ ...draft, retention: 'standard', visibility: 'owner' }))).toMatchObject({
      retention: 'standard',
      visibility: 'owner',
    })
    expect(types.admit(normal({ action: 'machine.resize', data: { sizeMb: 1 } }))).toMatchObject({
      version: 3,
    })
  })

  it('T3 refuses data that do not fit, with their path, and mutates nothing', async () => {
    const event = normal({ action: 'machine.delete', data: { force: 'yes' } })
    const before = structuredClone(event)
    expect(() => types.admit(event)).toThrow(
      expect.objectContaining({ code: 'ANNALS_INVALID', path: '/data/force' }),
    )
    expect(event).toEqual(before)
    expect((await refusal(types, { action: 'machine.delete' })).path).toBe('/data')
  })

  it('T27 stores what the schema makes of the data, without unknown fields', () => {
    expect(
      (types.admit(normal({ action: 'machine.delete', data: { force: true, secret: 1 } })) as NormalEvent)
        .data,
    ).toEqual({ force: true })
  })

  it('refuses a schema result that JSON cannot carry', async () => {
    const dated = catalog(defineEvent('d', { data: z.string().transform(text => new Date(text)) }))
    expect(await refusal(dated, { action: 'd', data: '2026-01-01' })).toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/data',
    })
  })

  it('is a promise only for asynchronous schemas', async () => {
    const admitted = types.admit(normal({ action: 'number.even', data: 4 }))
    expect(admitted).toBeInstanceOf(Promise)
    expect(await admitted).toMatchObject({ data: 4 })
    expect(await refusal(types, { action: 'number.even', data: 3 })).toMatchObject({
      code: 'ANNALS_INVALID',
      path: '/data',
    })
  })

  it('says when the schema itself fails', async () => {
    const fails = (validate: () => never): Catalog =>
      catalog(defineEvent('f', { data: { '~standard': { version: 1, vendor: 'x', validate } } }))
    const boom = (): never => {
      throw new Error('boom')
    }
    expect((await refusal(fails(boom), { action: 'f' })).code).toBe('ANNALS_CATALOG')
    expect(
      (await refusal(fails((() => Promise.reject(new Error('boom'))) as () => never), { action: 'f' })).code,
    ).toBe('ANNALS_CATALOG')
    expect((await refusal(fails((() => undefined) as unknown as () => never), { action: 'f' })).code).toBe(
      'ANNALS_CATALOG',
    )
  })

  it('T6 refuses to write a retired type', async () => {
    expect(await refusal(types, { action: 'machine.rename' })).toMatchObject({
      code: 'ANNALS_RETIRED',
      hint: 'use machine.update',
    })
  })

  it('T7 stores an older version as it is when its latest shape is good', async () => {
    expect(types.admit(normal({ action: 'machine.resize', version: 1, data: { s: 2 } }))).toMatchObject({
      version: 1,
      data: { s: 2 },
    })
    expect((await refusal(types, { action: 'machine.resize', version: 1, data: {} })).code).toBe(
      'ANNALS_INVALID',
    )
    expect((await refusal(types, { action: 'machine.resize', version: 4, data: {} })).path).toBe('/version')
  })

  it('does not ask an outcome for the data of its attempt', () => {
    expect(
      types.admit(normal({ action: 'machine.delete', phase: 'outcome', operation: 'o', outcome: 'success' })),
    ).toMatchObject({ phase: 'outcome' })
  })

  it('refuses an unknown retention class', async () => {
    expect(await refusal(catalog(), { action: 'x', retention: 'securty' })).toMatchObject({
      path: '/retention',
      hint: expect.stringContaining('security'),
    })
  })
})

describe('T7 latest', () => {
  it('brings data to the latest shape and leaves the stored event alone', () => {
    const event = normal({ action: 'machine.resize', version: 1, data: { s: 2 } })
    expect(types.latest(event)).toMatchObject({ version: 3, data: { sizeMb: 2048 } })
    expect(types.latest({ ...event, version: 2, data: { size: 1 } })).toMatchObject({
      version: 3,
      data: { sizeMb: 1024 },
    })
    expect(event.data).toEqual({ s: 2 })
  })

  it('gives the event as it is when an upcaster throws', () => {
    const event = { ...normal({ action: 'machine.resize', version: 1 }), data: null }
    expect(types.latest(event)).toBe(event)
  })
})
