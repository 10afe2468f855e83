import { describe, expect, it } from 'vitest'
import { AnnalsError } from './errors.ts'
import { DEFAULT_LIMITS, lowerLimits } from './limits.ts'
import type { NormalEvent } from './normal-event.ts'
import { normalizeDraft } from './normalize.ts'

const NOW = Date.UTC(2026, 10, 21, 12, 2, 41, 318)
const options = { limits: DEFAULT_LIMITS, now: NOW }
const normal = (draft: unknown): NormalEvent => normalizeDraft(draft, options)
const full = {
  action: 'machine.nic.add',
  id: 'key-1',
  version: 2,
  outcome: { result: 'failure', code: 'E1', message: 'disk full', durationMs: 4.5 },
  occurredAt: '2026-11-21T13:02:41+01:00',
  actor: {
    type: 'user',
    id: 'u1',
    name: 'alice',
    credential: { type: 'key', id: 'k1' },
    onBehalfOf: { type: 'user', id: 'u2' },
  },
  targets: [{ type: 'machine', id: 'm1', name: 'web-3', role: 'primary' }],
  tenant: 'acme',
  project: 'prod',
  origin: { ip: '2001:db8::1', userAgent: 'cli/3', requestId: 'r1' },
  changes: [{ path: '/a~1b', op: 'replace', before: null, after: { x: [1, 'two', true] } }],
  topics: ['network.change'],
  tags: { env: 'prod' },
  description: 'as it was',
  data: { nested: { list: [1, 2, { deep: null }] } },
  source: { system: 'old', id: '7' },
  backfill: { by: 'bob', basis: 'paper log', enteredAt: '2026-11-21T00:00:00Z' },
  notes: [{ path: '/data', reason: 'imported' }],
  visibility: 'operator',
  retention: 'security',
}

function refusal(draft: unknown, limits = DEFAULT_LIMITS): AnnalsError {
  try {
    normalizeDraft(draft, { limits, now: NOW })
  } catch (error) {
    if (error instanceof AnnalsError) return error
    throw error
  }
  throw new Error('was accepted')
}

describe('normalizeDraft', () => {
  it('materialises the defaults', () => {
    expect(normal({ action: 'a.b' })).toEqual({
      action: 'a.b',
      version: 1,
      phase: 'single',
      outcome: { result: 'success' },
      occurredAt: '2026-11-21T12:02:41.318Z',
      actor: { type: 'unknown', id: '' },
      targets: [],
      origin: {},
      visibility: 'owner',
      retention: 'standard',
      defaulted: ['version', 'visibility', 'retention'],
    })
    expect(normal({ action: 'a', phase: 'attempt' }).outcome).toEqual({ result: 'pending' })
    expect(normal({ action: 'a', phase: 'outcome', operation: 'o' }).outcome).toEqual({ result: 'unknown' })
  })

  it('keeps every field', () => {
    expect(normal(full)).toEqual({
      ...full,
      id: undefined,
      phase: 'single',
      occurredAt: '2026-11-21T12:02:41.000Z',
      backfill: { ...full.backfill, enteredAt: '2026-11-21T00:00:00.000Z' },
      key: { system: 'old', key: 'key-1' },
    })
  })

  it('T4 takes the idempotency key from id, else from the source', () => {
    expect(normal({ action: 'a', id: 'k' }).key).toEqual({ system: '', key: 'k' })
    expect(normal({ action: 'a', source: { system: 's', id: '1' } }).key).toEqual({ system: 's', key: '1' })
    expect(normal({ action: 'a' }).key).toBeUndefined()
  })

  const long = 'é'.repeat(257)
  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, '', 'ANNALS_INVALID'],
    ['an array', [], '', 'ANNALS_INVALID'],
    [
      'a class instance',
      new (class Draft {
        action = 'a'
      })(),
      '',
      'ANNALS_INVALID',
    ],
    ['no action', {}, '/action', 'ANNALS_INVALID'],
    ['null action', { action: null }, '/action', 'ANNALS_INVALID'],
    ['bad path', { action: 'a..b' }, '/action', 'ANNALS_INVALID'],
    ['the log’s own', { action: 'log.seal' }, '/action', 'ANNALS_INVALID'],
    ['the log itself', { action: 'log' }, '/action', 'ANNALS_INVALID'],
    ['long action', { action: 'a'.repeat(513) }, '/action', 'ANNALS_LIMIT'],
    ['unknown field', { action: 'a', actr: {} }, '/actr', 'ANNALS_INVALID'],
    ['__proto__ field', JSON.parse('{"action":"a","__proto__":{}}'), '/__proto__', 'ANNALS_INVALID'],
    ['index', { action: 'a', index: 1 }, '/index', 'ANNALS_INVALID'],
    ['recordedAt', { action: 'a', recordedAt: 'x' }, '/recordedAt', 'ANNALS_INVALID'],
    ['erased', { action: 'a', erased: [] }, '/erased', 'ANNALS_INVALID'],
    ['truncated', { action: 'a', truncated: [] }, '/truncated', 'ANNALS_INVALID'],
    ['version 0', { action: 'a', version: 0 }, '/version', 'ANNALS_INVALID'],
    ['phase', { action: 'a', phase: 'atempt' }, '/phase', 'ANNALS_INVALID'],
    ['operation of a single', { action: 'a', operation: 'x' }, '/operation', 'ANNALS_INVALID'],
    ['outcome without operation', { action: 'a', phase: 'outcome' }, '/operation', 'ANNALS_INVALID'],
    ['finished attempt', { action: 'a', phase: 'attempt', outcome: 'success' }, '/outcome', 'ANNALS_INVALID'],
    [
      'pending outcome',
      { action: 'a', phase: 'outcome', operation: 'o', outcome: 'pending' },
      '/outcome',
      'ANNALS_INVALID',
    ],
    ['outcome word', { action: 'a', outcome: 'sucess' }, '/outcome', 'ANNALS_INVALID'],
    [
      'outcome field',
      { action: 'a', outcome: { result: 'success', massage: '' } },
      '/outcome/massage',
      'ANNALS_INVALID',
    ],
    [
      'negative duration',
      { action: 'a', outcome: { result: 'success', durationMs: -1 } },
      '/outcome/durationMs',
      'ANNALS_INVALID',
    ],
    [
      'endless duration',
      { action: 'a', outcome: { result: 'success', durationMs: 1 / 0 } },
      '/outcome/durationMs',
      'ANNALS_INVALID',
    ],
    ['zone-less time', { action: 'a', occurredAt: '2026-01-01T00:00:00' }, '/occurredAt', 'ANNALS_INVALID'],
    ['invalid Date', { action: 'a', occurredAt: new Date(Number.NaN) }, '/occurredAt', 'ANNALS_INVALID'],
    ['year 10000', { action: 'a', occurredAt: 253_402_300_800_000 }, '/occurredAt', 'ANNALS_INVALID'],
    ['null tenant', { action: 'a', tenant: null }, '/tenant', 'ANNALS_INVALID'],
    ['empty tenant', { action: 'a', tenant: '' }, '/tenant', 'ANNALS_INVALID'],
    ['long tenant', { action: 'a', tenant: long }, '/tenant', 'ANNALS_LIMIT'],
    [
      'numeric target id',
      { action: 'a', targets: [{ type: 't', id: 7 }] },
      '/targets/0/id',
      'ANNALS_INVALID',
    ],
    [
      'target field',
      { action: 'a', targets: [{ type: 't', id: '7', nmae: 'x' }] },
      '/targets/0/nmae',
      'ANNALS_INVALID',
    ],
    [
      'many targets',
      { action: 'a', targets: Array(65).fill({ type: 't', id: '7' }) },
      '/targets',
      'ANNALS_LIMIT',
    ],
    ['many changes', { action: 'a', changes: Array(513).fill({}) }, '/changes', 'ANNALS_LIMIT'],
    [
      'many tags',
      { action: 'a', tags: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, ''])) },
      '/tags/64',
      'ANNALS_LIMIT',
    ],
    ['empty tag name', { action: 'a', tags: { '': 'x' } }, '/tags/', 'ANNALS_INVALID'],
    ['topic below log', { action: 'a', topics: ['x', 'log.x'] }, '/topics/1', 'ANNALS_INVALID'],
    [
      'change pointer',
      { action: 'a', changes: [{ path: 'x', op: 'add', after: 1 }] },
      '/changes/0/path',
      'ANNALS_INVALID',
    ],
    [
      'change escape',
      { action: 'a', changes: [{ path: '/~2', op: 'add', after: 1 }] },
      '/changes/0/path',
      'ANNALS_INVALID',
    ],
    [
      'add with before',
      { action: 'a', changes: [{ path: '', op: 'add', before: 1, after: 1 }] },
      '/changes/0/before',
      'ANNALS_INVALID',
    ],
    [
      'remove with after',
      { action: 'a', changes: [{ path: '', op: 'remove', before: 1, after: 1 }] },
      '/changes/0/after',
      'ANNALS_INVALID',
    ],
    [
      'replace without before',
      { action: 'a', changes: [{ path: '', op: 'replace', after: 1 }] },
      '/changes/0/before',
      'ANNALS_INVALID',
    ],
    ['Date in data', { action: 'a', data: { at: [new Date()] } }, '/data/at/0', 'ANNALS_INVALID'],
    ['Map in data', { action: 'a', data: new Map() }, '/data', 'ANNALS_INVALID'],
    ['bigint in data', { action: 'a', data: { n: 1n } }, '/data/n', 'ANNALS_INVALID'],
    ['function in data', { action: 'a', data: { f: () => 1 } }, '/data/f', 'ANNALS_INVALID'],
    ['symbol name in data', { action: 'a', data: { [Symbol('x')]: 1 } }, '/data', 'ANNALS_INVALID'],
    ['NaN in data', { action: 'a', data: { n: Number.NaN } }, '/data/n', 'ANNALS_INVALID'],
    ['large integer in data', { action: 'a', data: { n: 2 ** 53 } }, '/data/n', 'ANNALS_INVALID'],
    ['undefined in array', { action: 'a', data: [undefined] }, '/data/0', 'ANNALS_INVALID'],
    ['hole in array', { action: 'a', data: { l: Array(2) } }, '/data/l/0', 'ANNALS_INVALID'],
    ['surrogate in data', { action: 'a', data: { 'a/b': '\ud800' } }, '/data/a~1b', 'ANNALS_INVALID'],
    ['surrogate in name', { action: 'a', data: { '\ud800': 1 } }, '/data/\ufffd', 'ANNALS_INVALID'],
    ['surrogate in tag', { action: 'a', tags: { x: '\udfff' } }, '/tags/x', 'ANNALS_INVALID'],
    ['retention null', { action: 'a', retention: null }, '/retention', 'ANNALS_INVALID'],
    [
      'backfill without basis',
      { action: 'a', backfill: { by: 'b', enteredAt: 0 } },
      '/backfill/basis',
      'ANNALS_INVALID',
    ],
  ])('refuses %s', (_, draft, path, code) => {
    const error = refusal(draft)
    expect([error.path, error.code]).toEqual([path, code])
  })

  it('names the nearest field', () => {
    expect(refusal({ action: 'a', targts: [] }).hint).toContain("'targets'")
    expect(refusal({ action: 'a', outcome: 'sucess' }).hint).toContain("'success'")
  })

  it('bounds depth, and ends cycles, narrow and wide', () => {
    const nest = (depth: number): unknown => (depth === 0 ? 1 : { in: nest(depth - 1) })
    expect(() => normal({ action: 'a', data: nest(31) })).not.toThrow()
    expect(refusal({ action: 'a', data: nest(32) }).code).toBe('ANNALS_LIMIT')
    const narrow: unknown[] = []
    narrow.push(narrow)
    const wide: unknown[] = []
    for (let i = 0; i < 50; i += 1) wide.push(wide)
    for (const data of [narrow, wide]) expect(refusal({ action: 'a', data }).code).toBe('ANNALS_LIMIT')
  })

  it('keeps __proto__ and constructor in data as own members, without pollution', () => {
    const data = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
    const event = normal({ action: 'a', data, tags: JSON.parse('{"__proto__":"x"}') })
    expect(Object.keys(event.data as object)).toEqual(['__proto__', 'constructor'])
    expect(JSON.stringify(event.data)).toBe(JSON.stringify(data))
    expect(Object.keys(event.tags ?? {})).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('leaves out undefined members and empty lists, keeps null in data, turns -0 into 0', () => {
    const event = normal({
      action: 'a',
      tenant: undefined,
      changes: [],
      topics: [],
      tags: {},
      notes: [],
      data: { a: undefined, b: null, c: -0 },
    })
    expect(event.data).toStrictEqual({ b: null, c: 0 })
    for (const name of ['tenant', 'changes', 'topics', 'tags', 'notes'])
      expect(event).not.toHaveProperty(name)
  })

  it('takes masked changes without values', () => {
    const changes = [{ path: '/password', op: 'replace', masked: true }]
    expect(normal({ action: 'a', changes }).changes).toEqual(changes)
  })

  it('lets only the log record below log', () => {
    expect(normalizeDraft({ action: 'log.seal' }, { ...options, own: true }).action).toBe('log.seal')
    expect(() => normalizeDraft({ action: 'a.b' }, { ...options, own: true })).toThrow(AnnalsError)
  })

  it('lowers limits also for a path that was good before', () => {
    normal({ action: 'a.long.path' })
    expect(refusal({ action: 'a.long.path' }, lowerLimits({ identifierBytes: 5 })).code).toBe('ANNALS_LIMIT')
  })

  it('never quotes a value in an error', () => {
    for (const draft of [
      { action: 's3cret!' },
      { action: 'a', tenant: { s3cret: 1 } },
      { action: 'a', phase: 's3cret' },
    ]) {
      expect(refusal(draft).message).not.toContain('s3cret')
    }
  })

  it('a revoked proxy is refused wherever it is', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(refusal(proxy).code).toBe('ANNALS_INVALID')
    expect(refusal({ action: 'a', data: { x: proxy } }).code).toBe('ANNALS_INVALID')
    expect(normal({ action: 'a', actor: proxy, origin: proxy }).notes).toHaveLength(2)
  })
})
