import { setTimeout as delay } from 'node:timers/promises'
import { AnnalsError } from 'annals/model'
import { expect, it } from 'vitest'
import { Proofs } from './proofs.ts'

/** A trail whose checkpoints are made when they are let. */
function slowTrail(): { flush(): Promise<void>; readonly flushes: number; end(error?: Error): void } {
  const pending: { resolve(): void; reject(error: Error): void }[] = []
  let flushes = 0
  return {
    flush() {
      flushes += 1
      return new Promise((resolve, reject) => pending.push({ resolve, reject }))
    },
    get flushes() {
      return flushes
    },
    end(error) {
      const one = pending.shift()
      if (error === undefined) one?.resolve()
      else one?.reject(error)
    },
  }
}

it('many who wait share a checkpoint, and never one that was begun before they came', async () => {
  const trail = slowTrail()
  const proofs = new Proofs(trail, 60_000)
  const order: string[] = []
  const reach = (name: string): Promise<unknown> =>
    proofs.reach('proved').then(level => order.push(`${name} ${level}`))
  const first = reach('first')
  const later = Array.from({ length: 1_000 }, (_, nth) => reach(`later ${nth}`))
  expect(trail.flushes).toBe(1)
  trail.end()
  await first
  expect(order).toEqual(['first proved'])
  expect(trail.flushes).toBe(2)
  trail.end()
  await Promise.all(later)
  expect(order).toHaveLength(1_001)
  expect(trail.flushes).toBe(2)
  expect(await proofs.reach('stored')).toBe('stored')
})

it('a wait has a bound, and a failure is told to those whom it concerns', async () => {
  const trail = slowTrail()
  const proofs = new Proofs(trail, 5)
  expect(await proofs.reach('witnessed')).toBe('stored')
  const patient = new Proofs(trail, 60_000)
  const failing = patient.reach('witnessed')
  await delay(1)
  trail.end()
  trail.end(new AnnalsError('ANNALS_UNSUPPORTED', 'no witnesses'))
  await expect(failing).rejects.toMatchObject({ code: 'ANNALS_UNSUPPORTED' })
})
