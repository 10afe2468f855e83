import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Acknowledger } from './acknowledger.ts'
import type { Item } from './item.ts'

describe('Acknowledger', () => {
  it('tells items of all batches once, in order', async () => {
    const told: number[] = []
    const acknowledger = new Acknowledger(item => told.push(item.index))
    acknowledger.add(items(0, 1_000))
    acknowledger.add(items(1_000, 1_001))
    acknowledger.add(items(1_001, 3_000))
    while (told.length < 3_000) await turn()
    await turn()
    expect(told).toEqual(Array.from({ length: 3_000 }, (_, i) => i))
  })

  it('tells a small batch at once, and a large one over several turns of the event loop', async () => {
    const told: number[] = []
    const acknowledger = new Acknowledger(item => told.push(item.index))
    acknowledger.add(items(0, 10))
    expect(told).toHaveLength(10)
    acknowledger.add(items(10, 2_010))
    expect(told.length).toBeLessThan(600)
    const counts: number[] = []
    while (told.length < 2_010) {
      await turn()
      counts.push(told.length)
    }
    expect(counts.length).toBeGreaterThanOrEqual(5)
  })

  it('what is added while telling comes after, and is not lost', async () => {
    const told: number[] = []
    const acknowledger: Acknowledger = new Acknowledger(item => {
      told.push(item.index)
      if (item.index === 255) acknowledger.add(items(600, 700))
    })
    acknowledger.add(items(0, 600))
    while (told.length < 700) await turn()
    acknowledger.add(items(700, 701))
    expect(told).toEqual(Array.from({ length: 701 }, (_, i) => i))
  })
})

function items(from: number, to: number): Item[] {
  return Array.from({ length: to - from }, (_, i) => ({ index: from + i }) as Item)
}
