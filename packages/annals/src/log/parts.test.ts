import { canonicalize } from '@annals/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from './entry.ts'
import { arbitraryEvent } from './event.test-support.ts'
import { type EventContent, formatParts, type PartRule, type PartText, pointerPath } from './parts.ts'
import { readEvent } from './read-event.ts'

const RULES: readonly PartRule[] = [
  { name: 'internal', pointers: ['/data/secret', '/data/deep/a~1b', '/tags/env', '/outcome/message'] },
  { name: 'subject', pointers: ['/targets', '/description'] },
  { name: 'zone', pointers: ['/tenant', '/changes'] },
]

describe('formatParts', () => {
  it('writes who and what exactly as canonicalize does', () => {
    fc.assert(
      fc.property(arbitraryEvent, event => {
        const { actor, origin, outcome, ...rest } = event
        const { result: _, ...details } = outcome
        const what = { ...rest, ...(Object.keys(details).length === 0 ? {} : { outcome: details }) }
        expect(formatParts(event)).toEqual([
          { name: 'what', json: canonicalize(what) },
          { name: 'who', json: canonicalize({ actor, origin }) },
        ])
      }),
      { numRuns: 500 },
    )
  })

  it('every part is canonical, and readEvent puts the very event together again, with further parts and without', () => {
    fc.assert(
      fc.property(arbitraryEvent, fc.subarray([...RULES]), (event, rules) => {
        const parts = formatParts(event, rules)
        for (const { json } of parts) expect(canonicalize(JSON.parse(json))).toBe(json)
        expect(parts.map(part => part.name)).toEqual(parts.map(part => part.name).sort())
        expect(readEvent(7, entryOf(event), parts)).toStrictEqual({
          ...event,
          id: entryOf(event).id,
          index: 7,
          action: 'a.b',
          phase: 'single',
          operation: entryOf(event).id,
          recordedAt: '2026-11-21T05:00:00.000Z',
          retention: 'standard',
        })
      }),
      { numRuns: 500 },
    )
  })

  it('what a further part takes is in no other part', () => {
    const parts = formatParts(
      {
        ...PLAIN,
        data: { secret: 'geheim', open: 1 },
        tags: { env: 'geheim', b: 'c' },
        targets: [{ type: 'm', id: 'geheim' }],
      },
      RULES,
    )
    const byName = new Map(parts.map(part => [part.name, part.json]))
    expect(byName.get('what')).not.toContain('geheim')
    expect(byName.get('who')).not.toContain('geheim')
    expect(byName.get('internal')).toBe('{"/data/secret":"geheim","/tags/env":"geheim"}')
    expect(byName.get('subject')).toBe('{"/targets":[{"id":"geheim","type":"m"}]}')
  })

  it('does not touch the event it is given', () => {
    const event = deepFreeze({ ...PLAIN, data: { secret: 1, deep: { 'a/b': 2 } }, tags: { env: 'x' } })
    expect(formatParts(event, RULES).map(part => part.name)).toEqual(['internal', 'subject', 'what', 'who'])
  })

  it('an absent pointer makes no part; an inherited member is absent', () => {
    const rules = [{ name: 'extra', pointers: ['/data/toString', '/data/a/b', '/data/constructor'] }]
    for (const data of [{}, { a: 1 }, { a: [1] }, 5, null]) {
      expect(formatParts({ ...PLAIN, data }, rules).map(part => part.name)).toEqual(['what', 'who'])
    }
  })

  it('T26: an own __proto__ in data survives parts and reading', () => {
    const data = JSON.parse('{"__proto__":{"x":1},"deep":{"__proto__":2}}')
    const rules = [{ name: 'extra', pointers: ['/data/__proto__', '/data/deep/__proto__'] }]
    for (const used of [[], rules]) {
      const event = readEvent(0, entryOf(PLAIN), formatParts({ ...PLAIN, data }, used))
      expect(canonicalize(event.data)).toBe(canonicalize(data))
      expect(Object.getPrototypeOf(event.data)).toBe(Object.prototype)
    }
  })
})

describe('readEvent of erased parts', () => {
  const full: EventContent = {
    ...plainEvent(),
    data: { secret: 1, open: 2 },
    targets: [{ type: 'm', id: '1' }],
  }
  const erase = (...names: string[]): readonly { name: string; json: string | null }[] =>
    formatParts(full, RULES).map((part: PartText) =>
      names.includes(part.name) ? { name: part.name, json: null } : part,
    )

  it('who: the actor is erased, the rest stays', () => {
    const event = readEvent(0, entryOf(full), erase('who'))
    expect(event).toMatchObject({
      actor: { type: 'erased', id: '' },
      origin: {},
      erased: ['who'],
      data: { secret: 1 },
    })
    expect(event.targets).toEqual(full.targets)
  })

  it('what: header fields stay, the rest is absent, and what further parts hold is still there', () => {
    const event = readEvent(0, entryOf(full), erase('what'))
    expect(event).toMatchObject({
      action: 'a.b',
      outcome: { result: 'success' },
      erased: ['what'],
      visibility: 'operator',
    })
    expect(event.data).toEqual({ secret: 1 })
    expect(event.occurredAt).toBe(event.recordedAt)
  })

  it('a further part: only its members are absent', () => {
    const event = readEvent(0, entryOf(full), erase('internal', 'subject'))
    expect(event).toMatchObject({
      data: { open: 2 },
      targets: [],
      erased: ['internal', 'subject'],
      actor: full.actor,
    })
  })
})

describe('pointerPath', () => {
  it('reads escapes of RFC 6901', () => {
    expect(pointerPath('/a~1b/m~0n/~01')).toEqual(['a/b', 'm~n', '~1'])
    expect(pointerPath('')).toEqual([])
    expect(pointerPath('/')).toEqual([''])
  })
})

const PLAIN: EventContent = plainEvent()

function plainEvent(): EventContent {
  return {
    version: 1,
    outcome: { result: 'success' },
    occurredAt: '2026-11-21T05:00:00.000Z',
    actor: { type: 'user', id: 'u' },
    targets: [],
    origin: {},
    visibility: 'owner',
  }
}

function entryOf(event: EventContent): Entry {
  return {
    action: 'a.b',
    commitments: {},
    id: '019aa56f-9000-7000-8000-000000000001',
    nonce: 'A'.repeat(22),
    result: event.outcome.result,
    phase: 'single',
    retention: 'standard',
    source: ['00112233445566aa/1', 1],
    recordedAt: Date.parse('2026-11-21T05:00:00.000Z'),
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
