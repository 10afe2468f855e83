import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnnalsError } from './errors.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { draftOf, type NormalEvent } from './normal-event.ts'
import { normalizeDraft } from './normalize.ts'

const normal = (draft: unknown): NormalEvent => normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
const FIELDS: readonly string[] = [
  ...[
    'id',
    'version',
    'phase',
    'operation',
    'outcome',
    'occurredAt',
    'actor',
    'targets',
    'tenant',
    'project',
    'origin',
  ],
  ...[
    'changes',
    'topics',
    'tags',
    'description',
    'data',
    'source',
    'backfill',
    'notes',
    'visibility',
    'retention',
  ],
]

describe('properties of normalizeDraft', () => {
  const json = fc.jsonValue({ maxDepth: 4 })
  const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  const optional = { requiredKeys: ['action'] as ['action'] }
  const change = fc.oneof(
    fc.record({ path: fc.constantFrom('', '/a', '/a~1b/0'), op: fc.constant('add'), after: json }),
    fc.record({ path: fc.constant('/b'), op: fc.constant('remove'), before: json }),
    fc.record({ path: fc.constant('/c'), op: fc.constant('replace'), before: json, after: json }),
  )
  const good = fc.record(
    {
      action: fc.constantFrom('a', 'machine.delete', 'x-1.y_2'),
      id: word,
      version: fc.integer({ min: 1, max: 9 }),
      outcome: fc.constantFrom('success', 'failure', { result: 'denied', durationMs: 3 }),
      occurredAt: fc.oneof(
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
        fc.integer({ min: 0, max: 4e12 }),
      ),
      actor: fc.oneof(fc.record({ type: word, id: word }), fc.anything()),
      targets: fc.array(fc.record({ type: word, id: word, name: fc.string({ unit: 'grapheme' }) }), {
        maxLength: 3,
      }),
      origin: fc.oneof(fc.record({ ip: fc.ipV6(), userAgent: fc.string() }), fc.anything()),
      changes: fc.array(change, { maxLength: 3 }),
      tags: fc.dictionary(word, fc.string({ unit: 'grapheme' }), { maxKeys: 3 }),
      data: json,
      source: fc.record({ system: word, id: word }),
      visibility: fc.constantFrom('public', 'owner', 'operator'),
      retention: word,
    },
    optional,
  )

  it('its own output, sent again, gives the same', () => {
    fc.assert(
      fc.property(good, draft => {
        const once = tolerant(draft)
        if (once === undefined) return
        expect(normal(draftOf(once))).toStrictEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  it('T3 neither mutates nor retains what it is given', () => {
    fc.assert(
      fc.property(good, draft => {
        const before = structuredCloneOrSkip(draft)
        if (before === undefined) return
        const event = tolerant(draft)
        expect(draft).toEqual(before)
        if (event === undefined) return
        const given = new Set<object>()
        collect(draft, given)
        const kept = new Set<object>()
        collect(event, kept)
        for (const object of kept) expect(given.has(object)).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('hostile values give an event or an AnnalsError, nothing else', () => {
    const hostile = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withObjectString: true,
        withSparseArray: true,
      }),
      fc.constantFrom<unknown>(
        {
          get boom() {
            throw new Error('boom')
          },
        },
        new Proxy(
          {},
          {
            ownKeys() {
              throw new Error('trap')
            },
          },
        ),
        new Proxy(
          {},
          {
            get() {
              throw new Error('trap')
            },
            ownKeys: () => ['type'],
            getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
          },
        ),
        new Proxy([], { get: (_, name) => (name === 'length' ? 2 ** 40 : 1) }),
        Object.create({ inherited: 1 }),
      ),
    )
    const fields = Object.fromEntries(FIELDS.map(name => [name, hostile]))
    fc.assert(
      fc.property(fc.oneof(hostile, fc.record({ ...fields, action: fc.constant('a') }, optional)), draft => {
        try {
          normal(draft)
        } catch (error) {
          expect(error).toBeInstanceOf(AnnalsError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  function tolerant(draft: unknown): NormalEvent | undefined {
    try {
      return normal(draft)
    } catch (error) {
      if (error instanceof AnnalsError) return undefined
      throw error
    }
  }

  function structuredCloneOrSkip(value: unknown): unknown {
    try {
      return structuredClone(value)
    } catch {
      return undefined
    }
  }

  function collect(value: unknown, into: Set<object>): void {
    if (typeof value !== 'object' || value === null || into.has(value) || Object.isFrozen(value)) return
    into.add(value)
    for (const member of Object.values(value)) collect(member, into)
  }
})
