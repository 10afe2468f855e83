import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openMemory } from '../stores/memory/index.ts'
import { sampleDrafts } from '../testing/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import type { AuditEvent } from './event.ts'

// spec/event-v1.schema.json against events as a log gives them.
const file = new URL('../../../../spec/event-v1.schema.json', import.meta.url)
const schema = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')))
const accepts = (value: unknown): boolean => schema.safeParse(value).success

let events: AuditEvent[] = []

beforeAll(async () => {
  await using trail = await openTrail({ store: await openMemory() })
  const answers = await trail.recordAll([
    ...sampleDrafts({ count: 300, seed: 3 }),
    { action: 'a.b' },
    {
      action: 'a.b',
      actor: { type: 'user', id: 'u1', onBehalfOf: { type: 'user', id: 'u2' } },
      changes: [
        { path: '', op: 'replace', before: null, after: [1, { a: 'b' }] },
        { path: '/a~1b', op: 'remove', masked: true },
      ],
      data: { long: 'x'.repeat(300_000) },
      topics: ['c.d'],
      source: { system: 's', id: '1' },
      backfill: { by: 'u3', basis: 'paper', enteredAt: '2026-01-01T00:00:00Z' },
      origin: { ip: 'nowhere' } as never,
    },
  ])
  expect(answers.filter(answer => 'error' in answer)).toEqual([])
  events = await Array.fromAsync(trail.events('', { includeLog: true }))
})

describe('event-v1.schema.json', () => {
  it('accepts what a log gives', () => {
    expect(events.length).toBeGreaterThan(300)
    for (const event of events) expect(schema.safeParse(event).error).toBeUndefined()
    expect(events.at(-1)).toMatchObject({
      truncated: [{ path: '/data/long' }],
      notes: [{ path: '/origin/ip' }],
    })
  })

  it('accepts an event whose parts were erased', () => {
    expect(accepts({ ...events[5], actor: { type: 'erased', id: '' }, targets: [], erased: ['who'] })).toBe(
      true,
    )
  })

  it('refuses what no log gives', () => {
    const [event] = events as [AuditEvent]
    const { recordedAt: _, ...unrecorded } = event
    const wrong = [
      unrecorded,
      { ...event, index: -1 },
      { ...event, index: 1.5 },
      { ...event, id: event.id.toUpperCase() },
      { ...event, extra: 1 },
      { ...event, action: 'a..b' },
      { ...event, occurredAt: '2026-01-01' },
      { ...event, outcome: { result: 'ok' } },
      { ...event, actor: { type: 'user' } },
      { ...event, erased: [] },
    ]
    for (const value of wrong) expect(accepts(value)).toBe(false)
  })
})
