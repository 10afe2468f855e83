import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import type { Item } from '../log/item.ts'
import type { Positioned } from '../log/log-store.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { mergeCells } from './bucket.ts'
import { type FollowedLog, Follower, type KeptBytes } from './follower.ts'
import type { Rollup } from './rollup.ts'
import { Tally } from './tally.ts'

const KEY = new Uint8Array(32).fill(9)

/** A log of so many events, of which as many can be read as it is told. */
async function log(
  events: number,
): Promise<FollowedLog & { visible: number; reads: number; fail: Error | undefined }> {
  const store = await openMemory()
  const trail = await openTrail({ store, sealing: 'manual' })
  onTestFinished(() => trail.close())
  for (let left = events; left > 0; left -= 1_000)
    await trail.recordAll(
      Array.from({ length: Math.min(1_000, left) }, (_, n) => ({
        action: 'a',
        actor: { type: 'user', id: `u${n % 30}` },
      })),
    )
  const followed = {
    visible: trail.size,
    reads: 0,
    fail: undefined as Error | undefined,
    size: () => followed.visible,
    hashes: store.log.hashes.bind(store.log),
    async *read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
      for await (const batch of store.log.read(from, to)) {
        if (followed.fail !== undefined) throw followed.fail
        followed.reads += batch.length
        yield batch
      }
    },
  }
  return followed
}

/** Where the state is kept, in memory. */
function place(): KeptBytes & { bytes: Uint8Array | undefined; saves: number } {
  const kept = {
    bytes: undefined as Uint8Array | undefined,
    saves: 0,
    load: async () => kept.bytes,
    save: async (bytes: Uint8Array) => {
      kept.bytes = bytes
      kept.saves++
    },
  }
  return kept
}

function countOf(rollup: Rollup): number {
  const tally = new Tally()
  const match = rollup.groups.match({ topic: '', tenant: undefined, visibility: 'operator' })
  for (const bucket of rollup.buckets()) mergeCells(bucket, match, new Set(), tally)
  return tally.operations
}

/** An event as it is handed over when it has become durable. */
function item(index: number): Item {
  const content = {
    outcome: { result: 'success' },
    actor: { type: 'user', id: 'x' },
    targets: [],
    visibility: 'owner',
  }
  const event = { action: 'a', phase: 'single', content }
  return { index, recordedAt: Date.now(), weight: 300, event } as unknown as Item
}

it('tells what failed, stops nothing, and counts what is missing when it is asked', async () => {
  const followed = await log(1_500)
  const errors: Error[] = []
  const follower = new Follower({ log: followed, key: KEY, report: error => errors.push(error) })
  followed.fail = new Error('disk gone')
  follower.start()
  await expect.poll(() => errors.map(({ message }) => message)).toEqual(['disk gone'])
  await expect(follower.caughtUp()).rejects.toThrow('disk gone')
  // What becomes durable meanwhile is not lost.
  followed.visible++
  expect(() => follower.offer([item(followed.visible - 1)])).not.toThrow()
  followed.visible--
  followed.fail = undefined
  expect(countOf(await follower.caughtUp())).toBe(1_500)
  expect(errors).toHaveLength(1)
  await follower.close()
})

it('counts again from the log when something that it is handed cannot be counted', async () => {
  const followed = await log(50)
  const errors: Error[] = []
  const follower = new Follower({ log: followed, key: KEY, report: error => errors.push(error) })
  const { position } = await follower.caughtUp()
  follower.offer([{ index: position, recordedAt: 1, event: { phase: 'single' } } as unknown as Item])
  expect(errors).toHaveLength(1)
  expect(countOf(await follower.caughtUp())).toBe(50)
  await follower.close()
})

it('goes on where it was stopped while it read', async () => {
  const followed = await log(6_000)
  const kept = place()
  const stopped = new Follower({ log: followed, key: KEY, kept, report: () => {} })
  stopped.start()
  while (stopped.position === 0) await setImmediate()
  await stopped.close()
  expect(stopped.position).toBeGreaterThan(0)
  expect(stopped.position).toBeLessThan(followed.visible)
  await expect(stopped.caughtUp()).rejects.toMatchObject({ code: 'ANNALS_CLOSED' })
  const resumed = new Follower({ log: followed, key: KEY, kept, report: () => {} })
  expect(countOf(await resumed.caughtUp())).toBe(6_000)
  await resumed.close()
  expect(kept.saves).toBe(2)
  // Nothing new, nothing written.
  const idle = new Follower({ log: followed, key: KEY, kept, report: () => {} })
  await idle.caughtUp()
  await idle.close()
  expect(kept.saves).toBe(2)
})

it('misses nothing that is recorded while it reads, be it little or much', async () => {
  for (const [weight, during] of [
    [300, 200],
    [9 * 2 ** 20, 3],
  ] as const) {
    const followed = await log(3_000)
    const all = followed.visible
    followed.visible = all - during
    const follower = new Follower({ log: followed, key: KEY, report: () => {} })
    follower.start()
    await setImmediate()
    for (; followed.visible < all; ) {
      const index = followed.visible++
      follower.offer([{ ...item(index), weight } as Item])
    }
    expect(countOf(await follower.caughtUp())).toBe(3_000)
    expect(follower.position).toBe(all)
    await follower.close()
  }
})

it('has caught up although as much is recorded as it reads', async () => {
  const followed = await log(500)
  const all = followed.visible
  followed.visible = 200
  let rounds = 0
  const follower: Follower = new Follower({
    log: {
      ...followed,
      size: () => followed.visible,
      async *read(from, to) {
        rounds++
        for await (const batch of followed.read(from, to)) {
          yield batch
          if (followed.visible < all) follower.offer([item(followed.visible++)])
        }
      },
    },
    key: KEY,
    report: () => {},
  })
  await follower.caughtUp()
  expect(follower.position).toBe(followed.visible)
  // Once for what there was, and once for the time of the newest.
  expect(rounds).toBe(2)
  follower.offer([item(followed.visible++)])
  expect(follower.position).toBe(followed.visible)
  await follower.close()
})

it('a reader that is far behind takes over what the writer has kept since', async () => {
  const followed = await log(11_000)
  const kept = place()
  const all = followed.visible
  followed.visible = 100
  const reader = new Follower({ log: followed, key: KEY, kept: { load: kept.load }, report: () => {} })
  await reader.caughtUp()
  followed.visible = all
  const writer = new Follower({ log: followed, key: KEY, kept, report: () => {} })
  await writer.caughtUp()
  await writer.close()
  followed.reads = 0
  expect(countOf(await reader.caughtUp())).toBe(11_000)
  expect(followed.reads).toBe(1)
  await reader.close()
})
