import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { world } from './event-reader.test-support.ts'

interface Step {
  readonly what: 'grow' | 'next' | 'batch' | 'erase' | 'rest'
  readonly count: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant<Step['what']>('grow'), count: fc.integer({ min: 1, max: 700 }) }),
    fc.record({ what: fc.constant<Step['what']>('next'), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ what: fc.constant<Step['what']>('batch'), count: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ what: fc.constantFrom<Step['what']>('erase', 'rest'), count: fc.constant(0) }),
  ),
  { maxLength: 30 },
)

describe('BatchReader', () => {
  it('gives what next() gives, in any mixture of both, with growth and erasures at any moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 400 }),
        steps,
        async (stored, every, from, todo) => {
          const { read, grow, erase, feed } = world(stored, event => event.index % every === 0)
          const reader = read({ follow: true, from })
          const got: number[] = []
          /** Answers come in the order of asking. */
          const answers: Promise<unknown>[] = []
          const check = (events: readonly { readonly index: number }[]): void => {
            got.push(...events.map(event => event.index))
            expect(reader.position).toBeGreaterThan(got.at(-1) ?? -1)
          }
          for (const step of todo) {
            if (step.what === 'grow') grow(step.count)
            else if (step.what === 'erase') erase()
            else if (step.what === 'rest') await new Promise(setImmediate)
            else if (step.what === 'batch') {
              const batch = reader.nextBatch(step.count)
              answers.push(
                batch.then(events => {
                  expect(events.length).toBeLessThanOrEqual(step.count)
                  check(events)
                }),
              )
            } else {
              for (let n = 0; n < step.count; n++)
                answers.push(reader.next().then(({ value }) => check(value === undefined ? [] : [value])))
            }
          }
          await new Promise(setImmediate)
          const { position } = reader
          const given = got.length
          reader.end()
          await Promise.all(answers)
          expect(got).toHaveLength(given)
          expect(reader.position).toBe(position)
          const expected = Array.from({ length: position }, (_, index) => index).filter(
            index => index >= from && index % every === 0,
          )
          expect(got).toEqual(expected)
          expect(feed.listeners).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('knows how far it has looked also when nothing matches, so that nothing is looked at again', async () => {
    const { read, grow } = world(500, event => event.index === 3)
    const reader = read({ follow: true })
    expect(reader.position).toBe(0)
    expect((await reader.nextBatch(10)).map(event => event.index)).toEqual([3])
    const waiting = reader.nextBatch(10)
    await new Promise(setImmediate)
    expect(reader.position).toBe(500)
    grow(41)
    expect(reader.position).toBe(541)
    reader.end()
    expect(await waiting).toEqual([])
    expect(reader.position).toBe(541)
  })

  it('stops before what it has not given when its limit is met', async () => {
    const { read, grow } = world(10)
    const reader = read({ follow: true, limit: 13 })
    expect(await reader.nextBatch(4)).toHaveLength(4)
    expect(reader.position).toBe(4)
    expect(await reader.nextBatch(99)).toHaveLength(6)
    grow(90)
    expect(await reader.nextBatch(99)).toHaveLength(3)
    expect(await reader.nextBatch(99)).toEqual([])
    expect(reader.position).toBe(13)
    const stored = read({ limit: 3 })
    expect(await stored.nextBatch(99)).toHaveLength(3)
    expect(await stored.nextBatch(99)).toEqual([])
    expect(stored.position).toBe(3)
  })

  it('takes whole numbers from 1', () => {
    const reader = world(1).read()
    for (const most of [0, -1, 1.5, Number.NaN]) expect(() => reader.nextBatch(most)).toThrow(TypeError)
  })
})
