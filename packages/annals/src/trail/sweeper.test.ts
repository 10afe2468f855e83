import { expect, it } from 'vitest'
import { erase } from '../lifecycle/erase.ts'
import { openTrail } from './open-trail.ts'
import { temporaryDirectory } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

const HOUR = 3_600_000

async function outcomes(trail: Trail, wanted: number): Promise<void> {
  while ((await trail.count('phase:outcome')).total < wanted) await new Promise(done => setTimeout(done, 5))
}

/** A log with so many attempts of alice that have no outcome. */
async function withOpen(dir: string, count: number): Promise<void> {
  await using trail = await openTrail({ dir })
  for (let n = 0; n < count; n++) {
    await trail.begin('machine.delete', {
      actor: { type: 'user', id: 'alice-4711' },
      targets: [{ type: 'machine', id: `m${n}` }],
    })
  }
}

it('ends at the next opening what an earlier one left open, once', async () => {
  const dir = temporaryDirectory()
  await withOpen(dir, 3)
  for (let opening = 0; opening < 2; opening++) {
    await using trail = await openTrail({ dir })
    await outcomes(trail, 3)
    expect((await trail.count('phase:outcome outcome:unknown actor:user/alice-4711')).total).toBe(3)
    expect((await trail.find('target:m1 phase:outcome')).events).toMatchObject([
      { outcome: { result: 'unknown', code: 'ANNALS_INTERRUPTED' } },
    ])
  }
})

it('where others record, ends only what is old, and what was told in time stays as it is', async () => {
  const dir = temporaryDirectory()
  let now = Date.UTC(2030, 0, 1)
  const clocks = { wall: () => now, mono: () => now }
  const options = { dir, clocks, operationTimeoutMs: HOUR }
  {
    await using trail = await openTrail(options)
    await trail.recordAll([{ action: 'foreign.work', phase: 'attempt' }])
    const { id } = await trail.begin('own.work')
    await trail.recordAll([{ action: 'own.work', phase: 'outcome', operation: id, outcome: 'success' }])
  }
  {
    await using trail = await openTrail(options)
    await trail.flush()
    expect((await trail.count('outcome:unknown')).total).toBe(0)
  }
  now += HOUR
  await using trail = await openTrail(options)
  await outcomes(trail, 2)
  expect((await trail.find('outcome:unknown')).events).toMatchObject([{ action: 'foreign.work' }])
})

it('tells nobody again who was erased meanwhile', async () => {
  const dir = temporaryDirectory()
  await withOpen(dir, 100)
  await using trail = await openTrail({ dir })
  await trail.perform(erase, {
    persons: [{ type: 'user', id: 'alice-4711' }],
    basis: 'Art. 17',
    mentions: 'erase',
  })
  await outcomes(trail, 100)
  const all = await Array.fromAsync(trail.events('', { includeLog: true }))
  for (const event of all) expect(JSON.stringify(event)).not.toContain('alice-4711')
})
