import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditEvent, type Change, type Draft, diff, type Json } from '../../model/index.ts'
import { openMemory } from '../../stores/memory/index.ts'
import type { LocalTrail } from '../local-trail.ts'
import { openTrail } from '../open-trail.ts'
import type { TrailReader } from '../trail.ts'
import { entityState } from './entity-state.ts'

const IP = { type: 'ip', id: '10.4.7.9' }

function changing(changes: readonly Change[], more: Partial<Draft> = {}): Draft {
  return { action: 'ip.update', targets: [IP], changes, ...more }
}

async function logOf(drafts: readonly Draft[]): Promise<LocalTrail> {
  const trail = await openTrail({ store: await openMemory() })
  await trail.recordAll(drafts)
  return trail
}

function at(text: string): { at: Date } {
  return { at: new Date(text) }
}

const OWNED: readonly Draft[] = [
  changing([{ path: '/owner', op: 'add', after: 'acme' }], { occurredAt: '2026-02-28T09:00:00Z' }),
  changing([{ path: '/state', op: 'replace', before: 'idle', after: 'bound' }], {
    occurredAt: '2026-03-02T00:00:00Z',
  }),
  changing([{ path: '/owner', op: 'replace', before: 'acme', after: 'umbra' }], {
    occurredAt: '2026-03-04T10:00:00Z',
  }),
]

describe('the state of an entity at a time', () => {
  it('names the owner and the two events that bound the answer; before the first it is unknown', async () => {
    await using trail = await logOf(OWNED)
    const events = await all(trail)
    const state = await entityState(trail, IP, at('2026-03-02T14:05:00Z'))
    expect(state).toMatchObject({
      state: { owner: 'acme', state: 'bound' },
      whole: false,
      since: { id: events[1]?.id },
      until: { id: events[2]?.id },
      unknownBefore: { id: events[0]?.id },
      contradictions: [],
      cut: false,
    })
    expect(state.places).toEqual([
      expect.objectContaining({
        path: '/owner',
        value: 'acme',
        says: 'after',
        by: expect.objectContaining({ id: events[0]?.id }),
        until: expect.objectContaining({ id: events[2]?.id }),
      }),
      expect.objectContaining({ path: '/state', value: 'bound' }),
    ])
    const before = await entityState(trail, IP, at('2026-02-28T08:59:59.999Z'))
    expect(before).toMatchObject({ places: [], whole: false, until: { id: events[0]?.id } })
    expect(before.state).toBeUndefined()
    expect(before.since).toBeUndefined()
    expect((await entityState(trail, IP)).state).toEqual({ owner: 'umbra', state: 'bound' })
    expect((await entityState(trail, { ...IP, id: '10.4.7.10' })).state).toBeUndefined()
  })

  it('a later event tells what a place was, but not before the first event', async () => {
    await using trail = await logOf(OWNED)
    const state = await entityState(trail, IP, at('2026-03-01T00:00:00Z'))
    expect(state.state).toEqual({ owner: 'acme', state: 'idle' })
    expect(state.places[1]).toMatchObject({ path: '/state', says: 'before', by: { action: 'ip.update' } })
  })

  it('by position it is what the log knew then', async () => {
    await using trail = await logOf(OWNED)
    const [first] = await all(trail)
    const state = await entityState(trail, IP, { at: first?.index as number })
    expect(state.state).toEqual({ owner: 'acme', state: 'idle' })
    expect((await entityState(trail, IP, { at: (first?.index as number) - 1 })).state).toBeUndefined()
    const earlier = await entityState(trail, IP, { asOf: (first?.index as number) + 1 })
    expect(earlier).toMatchObject({ state: { owner: 'acme' }, asOf: (first?.index as number) + 1 })
  })

  it('takes events in the order in which they occurred, however late they were recorded', async () => {
    await using trail = await logOf([OWNED[2] as Draft, OWNED[0] as Draft])
    expect((await entityState(trail, IP, at('2026-03-01T00:00:00Z'))).state).toEqual({ owner: 'acme' })
    expect((await entityState(trail, IP)).state).toEqual({ owner: 'umbra' })
  })

  it('what failed or was denied did not happen; what may have happened is unknown', async () => {
    const next = [{ path: '/owner', op: 'replace', before: 'umbra', after: 'nobody' }] as const
    for (const outcome of ['failure', 'denied', 'pending'] as const) {
      await using trail = await logOf([
        ...OWNED,
        changing(next, { outcome, occurredAt: '2026-03-05T00:00:00Z' }),
      ])
      expect((await entityState(trail, IP)).state).toEqual({ owner: 'umbra', state: 'bound' })
    }
    await using trail = await logOf([
      ...OWNED,
      changing(next, { outcome: 'unknown', occurredAt: '2026-03-05T00:00:00Z' }),
    ])
    const state = await entityState(trail, IP)
    expect(state.state).toEqual({ state: 'bound' })
    expect(state.places).toContainEqual(expect.objectContaining({ path: '/owner', status: 'unknown' }))
  })

  it('masked, cut and hidden changes make their places unknown', async () => {
    const long = 'x'.repeat(300_000)
    await using trail = await logOf([
      changing([
        { path: '', op: 'replace', before: null, after: { owner: 'acme', key: 'k1', note: 'n', size: 3 } },
      ]),
      changing([{ path: '/key', op: 'replace', masked: true }]),
      changing([{ path: '/note', op: 'replace', before: 'n', after: long }]),
    ])
    const state = await entityState(trail, IP)
    expect(state.state).toEqual({ owner: 'acme', size: 3 })
    expect(state.whole).toBe(false)
    expect(state.places.filter(({ status }) => status === 'unknown').map(({ path }) => path)).toEqual([
      '/key',
      '/note',
    ])
    const masked = trail.restrict({ filter: '', level: 'operator', masks: [{ paths: ['/changes'] }] })
    const hidden = await entityState(masked, IP)
    expect(hidden.state).toBeUndefined()
    expect(hidden.since).toBeDefined()
    expect(JSON.stringify(hidden)).not.toContain('acme')
    const other = trail.restrict({ filter: 'tenant:other', level: 'operator', masks: [] })
    expect(await entityState(other, IP)).toMatchObject({ places: [], cut: false })
  })

  it('tells that something between two events was not recorded', async () => {
    await using trail = await logOf([
      ...OWNED,
      changing([{ path: '/owner', op: 'replace', before: 'somebody', after: 'last' }], {
        occurredAt: '2026-03-06T00:00:00Z',
      }),
    ])
    const { state, contradictions } = await entityState(trail, IP)
    expect(state).toMatchObject({ owner: 'last' })
    expect(contradictions).toEqual([{ path: '/owner', by: expect.objectContaining({ action: 'ip.update' }) }])
  })

  it('is about the first target alone, by type and id, not by name', async () => {
    await using trail = await logOf([
      ...OWNED,
      {
        action: 'ip.bind',
        targets: [{ type: 'machine', id: 'm1' }, IP],
        changes: [{ path: '/owner', op: 'add', after: 'machine' }],
      },
      {
        action: 'ip.update',
        targets: [{ type: 'ip', id: 'other', name: IP.id }],
        changes: [{ path: '/owner', op: 'add', after: 'other' }],
      },
    ])
    expect((await entityState(trail, IP)).state).toEqual({ owner: 'umbra', state: 'bound' })
  })

  it('a list of which nothing is known is not guessed from one element', async () => {
    await using trail = await logOf([
      changing([{ path: '/nics/1', op: 'add', after: 'eth1' }]),
      changing([{ path: '/nics/0', op: 'remove', before: 'eth0' }]),
    ])
    const state = await entityState(trail, IP)
    expect(state.state).toBeUndefined()
    expect(state.places).toEqual([expect.objectContaining({ path: '/nics', status: 'unknown' })])
  })
})

const scalar = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.integer({ min: 0, max: 3 }),
  fc.boolean(),
  fc.constant(null),
)
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0', 'a/b', '__proto__', ''), tie('value'), { maxKeys: 3 }),
  ),
})).value

describe('folding is the history', () => {
  const object = fc.dictionary(fc.constantFrom('x', 'y', 'list', 'deep'), json, { maxKeys: 4 })

  it('known from the beginning, it is at each moment exactly what it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 6 }), async states => {
        await using trail = await logOf(historyOf([null, ...states]))
        for (const [nth, state] of states.entries()) {
          const found = await entityState(trail, IP, { at: timeOf(nth + 1) })
          expect(found.state).toEqual(state)
          expect(found.whole).toBe(true)
          expect(found.contradictions).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })

  it('begun in the middle, everything that it says it knows is right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 3, maxLength: 7 }), async states => {
        await using trail = await logOf(historyOf(states))
        for (const [nth, state] of states.entries()) {
          if (nth === 0) continue
          const { places } = await entityState(trail, IP, { at: timeOf(nth) })
          for (const { path, status, value } of places) {
            const real = realAt(state, path)
            if (status === 'known') expect(value, path).toEqual(real)
            if (status === 'absent') expect(real, path).toBeUndefined()
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

function timeOf(nth: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + nth * 1000)
}

function historyOf(states: readonly Json[]): Draft[] {
  return states.slice(1).flatMap((state, nth) => {
    const changes = diff(states[nth] ?? null, state)
    return changes.length === 0 ? [] : [changing(changes, { occurredAt: timeOf(nth + 1).toISOString() })]
  })
}

function realAt(state: Json, path: string): unknown {
  let value: unknown = state
  for (const segment of path.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

async function all(trail: TrailReader): Promise<AuditEvent[]> {
  const found: AuditEvent[] = []
  for await (const event of trail.events()) found.push(event)
  return found
}
