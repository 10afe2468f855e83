import type { BatchReader } from 'annals'
import type { AuditEvent } from 'annals/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Delivery, type Outlet } from './delivery.ts'
import { TOLD_REASONS } from './end-reason.ts'

/** A reader of bare events in an array, which waits at their end. */
class ArrayReader implements BatchReader {
  readonly events: AuditEvent[]
  #at = 0
  #wake: (() => void) | undefined
  #isEnded = false
  asked = 0

  constructor(count: number) {
    this.events = Array.from({ length: count }, (_, index) => ({ index, action: 'a' }) as AuditEvent)
  }

  get position(): number {
    return this.#at
  }

  async nextBatch(most: number): Promise<readonly AuditEvent[]> {
    this.asked++
    if (this.#at === this.events.length && !this.#isEnded) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    if (this.#isEnded) return []
    const batch = this.events.slice(this.#at, this.#at + most)
    this.#at += batch.length
    return batch
  }

  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }
}

/** Takes so many events a write, and is full after each write that `fills` says. */
class ListOutlet implements Outlet {
  readonly sent: number[] = []
  readonly #most: number
  readonly #fills: (write: number) => boolean
  #writes = 0
  full = false

  constructor(most: number, fills: (write: number) => boolean) {
    this.#most = most
    this.#fills = fills
  }

  send(events: readonly AuditEvent[], from: number): number {
    expect(this.full).toBe(false)
    const taken = events.slice(from, from + this.#most)
    this.sent.push(...taken.map(event => event.index))
    this.full = this.#fills(this.#writes++)
    return taken.length
  }
}

const options = { atEnd: () => 'stopping' as const, restMs: () => 0 }

describe('Delivery', () => {
  it('asks for nothing while the outlet is full, so that a client that does not read costs one batch', async () => {
    const reader = new ArrayReader(10_000)
    const outlet = new ListOutlet(10, () => true)
    const delivery = new Delivery(reader, options)
    const run = delivery.run(outlet)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(reader.asked).toBe(1)
    expect(outlet.sent).toHaveLength(10)
    outlet.full = false
    delivery.drained()
    await new Promise(setImmediate)
    expect(outlet.sent).toHaveLength(20)
    expect(reader.asked).toBe(1)
    delivery.end('slow')
    expect(await run).toEqual({ reason: 'slow', resume: 20 })
  })

  it('T44: wherever it is cut off, what was sent lies below the position to resume at, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 40 }),
        fc.constantFrom(...TOLD_REASONS),
        async (count, most, fills, turns, reason) => {
          const reader = new ArrayReader(count)
          const outlet = new ListOutlet(most, write => fills[write % fills.length] as boolean)
          const delivery = new Delivery(reader, options)
          const run = delivery.run(outlet)
          for (let turn = 0; turn < turns; turn++) {
            await Promise.resolve()
            if (outlet.full && turn % 3 === 0) {
              outlet.full = false
              delivery.drained()
            }
          }
          delivery.end(reason)
          delivery.end('revoked')
          const { resume, ...ending } = await run
          expect(ending).toEqual({ reason })
          expect(outlet.sent).toEqual(Array.from({ length: resume }, (_, index) => index))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('says why it ended by itself, and what failed', async () => {
    const reader = new ArrayReader(5)
    const limited = new Delivery(reader, { ...options, limit: 5 })
    const run = limited.run(new ListOutlet(100, () => false))
    await new Promise(setImmediate)
    reader.end()
    expect(await run).toEqual({ reason: 'limit', resume: 5 })
    const failure = new Error('the disk is gone')
    const broken = new (class extends ArrayReader {
      override nextBatch(): Promise<never> {
        return Promise.reject(failure)
      }
    })(5)
    expect(await new Delivery(broken, options).run(new ListOutlet(1, () => false))).toEqual({
      reason: 'failed',
      resume: 0,
      error: failure,
    })
  })

  it('rests after a write, and gathers what comes meanwhile; an end does not wait for that', async () => {
    const reader = new ArrayReader(3)
    const outlet = new ListOutlet(100, () => false)
    const delivery = new Delivery(reader, { ...options, restMs: () => 1_000_000 })
    const run = delivery.run(outlet)
    await new Promise(setImmediate)
    expect(reader.asked).toBe(1)
    delivery.end('stopping')
    expect(await run).toEqual({ reason: 'stopping', resume: 3 })
  })
})
