import { expect, it } from 'vitest'
import { clocksAt } from '../lifecycle/clocked.test-support.ts'
import { erase } from '../lifecycle/erase.ts'
import { hold } from '../lifecycle/hold.ts'
import { release } from '../lifecycle/release.ts'
import { retentionPolicy } from '../lifecycle/retention-policy-act.ts'
import { seal } from '../lifecycle/seal.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from './open-trail.ts'
import { all, temporaryDirectory } from './trail.test-support.ts'

const DAY = 86_400_000

it('tells of size, checkpoint, chunks, holds and gaps, and of no event', async () => {
  const clocks = clocksAt('2026-01-05T10:00:00.000Z')
  const dir = temporaryDirectory()
  const trail = await openTrail({
    dir,
    clocks,
    period: 'day',
    origin: 'example.com/status',
    sealing: 'manual',
  })
  try {
    await trail.record('door.open', { actor: { type: 'user', id: 'canary-person' } })
    clocks.by(DAY)
    await trail.record('door.open')
    await trail.perform(hold, { hold: 'a', reason: 'r', query: 'action:door.open' })
    await trail.perform(hold, { hold: 'b', reason: 'r', chunk: 0 })
    await trail.perform(release, { hold: 'a', reason: 'done' })
    await trail.perform(seal, {})
    await trail.flush()
    const status = await trail.status()
    expect(status).toMatchObject({
      origin: 'example.com/status',
      period: 'day',
      size: trail.size,
      watermark: trail.size,
      waiting: 0,
      checkpoint: { size: trail.size, at: expect.stringMatching(/^2026-01-06T10:00:0/) },
      chunks: { open: 1, closed: 0, sealed: 1, dropped: 0, bytes: expect.any(Number) },
      holds: 1,
      gaps: 0,
    })
    expect(status.failure).toBeUndefined()
    expect(JSON.stringify(status)).not.toContain('canary')
  } finally {
    await trail.close()
  }
  await expect(trail.status()).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
})

it('says that the last append failed until one succeeds', async () => {
  const store = await openMemory()
  let full = false
  const append = store.log.append.bind(store.log)
  store.log.append = async batch => {
    if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    await append(batch)
  }
  await using trail = await openTrail({ store })
  await trail.record('door.open')
  expect((await trail.status()).failure).toBeUndefined()
  full = true
  await expect(trail.record('door.open')).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL' })
  expect((await trail.status()).failure).toEqual({ code: 'ANNALS_DISK_FULL', at: expect.any(String) })
  full = false
  await trail.record('door.open')
  expect((await trail.status()).failure).toBeUndefined()
})

it('an act records in the name of whoever asks', async () => {
  await using trail = await openTrail({ store: await openMemory() })
  await trail.record('door.open', { actor: { type: 'user', id: 'bob' } })
  const actor = { type: 'key', id: 'k1', name: 'ops' }
  await trail.perform(retentionPolicy, { classes: {}, tenants: {}, floor: 60 }, { actor })
  await trail.perform(retentionPolicy, { classes: {}, tenants: {}, floor: 61 })
  await trail.perform(
    hold,
    { hold: 'a', reason: 'r', query: '*', actor: { type: 'user', id: 'eve' } },
    { actor },
  )
  await trail.perform(
    erase,
    { persons: [{ type: 'user', id: 'bob' }], basis: 'b', exceptHeld: true },
    { actor },
  )
  const own = await all(trail.events('action:log.policy,log.hold'))
  expect(own.map(event => event.actor.id)).toEqual(['k1', 'annals', 'eve'])
})
