import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

/** Work that is done when it is told so. */
function held(): { readonly work: () => Promise<string>; readonly finish: () => void; started: number } {
  const { promise, resolve } = Promise.withResolvers<string>()
  const one = {
    started: 0,
    work: () => {
      one.started++
      return promise
    },
    finish: () => resolve('done'),
  }
  return one
}

test('what is not wanted any more when its turn comes is never started', async () => {
  const turns = new Turns()
  const first = Array.from({ length: 4 }, held)
  const taken = first.map(({ work }) => turns.take(work))
  const dropped = Array.from({ length: 1_000 }, held)
  let wanted = true
  const answers = dropped.map(({ work }) => turns.take(work, () => wanted))
  const last = held()
  const kept = turns.take(last.work, () => true)
  expect(last.started).toBe(0)
  wanted = false
  first[2]?.finish()
  expect(await Promise.all(answers)).toEqual(dropped.map(() => undefined))
  expect(dropped.every(({ started }) => started === 0)).toBe(true)
  expect(last.started).toBe(1)
  last.finish()
  expect(await kept).toBe('done')
  for (const { finish } of first) finish()
  expect(await Promise.all(taken)).toEqual(['done', 'done', 'done', 'done'])
})

test('turns come in order, a few at a time, also after a failure', async () => {
  const turns = new Turns()
  const order: number[] = []
  let under = 0
  let most = 0
  const asked = Array.from({ length: 50 }, (_, nth) =>
    turns.take(async () => {
      order.push(nth)
      most = Math.max(most, ++under)
      await new Promise(setImmediate)
      under--
      if (nth % 7 === 3) throw new Error(`no ${nth}`)
      return nth
    }),
  )
  const settled = await Promise.allSettled(asked)
  expect(order).toEqual(asked.map((_, nth) => nth))
  expect(most).toBe(4)
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(7)
})
