import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { listChunks } from '../lifecycle/chunks.ts'
import { clocksAt, type MovedClocks } from '../lifecycle/clocked.test-support.ts'
import { seal } from '../lifecycle/seal.ts'
import type { Store } from '../log/store.ts'
import { AnnalsError } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from './open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from './trail.test-support.ts'
import type { Trail } from './trail.ts'

async function states(trail: Trail): Promise<string[]> {
  return (await trail.perform(listChunks, {})).map(({ period, state }) => `${period} ${state}`)
}

async function statedSeals(trail: Trail): Promise<string[]> {
  const stated = await Array.fromAsync(trail.events('action:log.seal'))
  return stated.map(({ data }) => (data as { period: string }).period)
}

/** Waits until something holds: what is waited for happens in the background. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5)
}

async function recordOnDays(trail: Trail, clocks: MovedClocks, days: readonly string[]): Promise<void> {
  for (const day of days) {
    clocks.to(`${day}T12:00:00Z`)
    await trail.record('a.b', { data: { day } })
  }
}

/** The store with some of its log's methods replaced. */
function withLog(store: Store, changed: (log: Store['log']) => Partial<Store['log']>): Store {
  const { log } = store
  const replaced = changed(log)
  const proxy = new Proxy(log, {
    get(target, name) {
      const value = Reflect.get(name in replaced ? replaced : target, name, target) as unknown
      return typeof value === 'function' ? value.bind(name in replaced ? replaced : target) : value
    },
  })
  return Object.create(store, { log: { value: proxy }, close: { value: () => store.close() } }) as Store
}

describe.each(STORES)('background sealing, %s store', kind => {
  it('seals a chunk once another has begun, and states it', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const errors: Error[] = []
    const trail = await newTrail(kind, { clocks, onError: error => errors.push(error) })
    await recordOnDays(trail, clocks, ['2026-01-01', '2026-01-02', '2026-01-03'])
    await until(async () => (await statedSeals(trail)).length === 2)
    expect(await states(trail)).toEqual(['2026-01-01 sealed', '2026-01-02 sealed', '2026-01-03 open'])
    expect(await statedSeals(trail)).toEqual(['2026-01-01', '2026-01-02'])
    expect(errors).toEqual([])
    // What was sealed reads as before.
    const days = (await Array.fromAsync(trail.events('action:a.b'))).map(
      ({ data }) => (data as { day: string }).day,
    )
    expect(days).toEqual(['2026-01-01', '2026-01-02', '2026-01-03'])
  })

  it('leaves chunks alone when told to', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const trail = await newTrail(kind, { clocks, sealing: 'manual' })
    await recordOnDays(trail, clocks, ['2026-01-01', '2026-01-02'])
    expect(await states(trail)).toEqual(['2026-01-01 closed', '2026-01-02 open'])
    await trail.perform(seal, {})
    expect(await states(trail)).toEqual(['2026-01-01 sealed', '2026-01-02 open'])
  })
})

describe('background sealing', () => {
  it('at opening, seals what an earlier holder left', async () => {
    const dir = temporaryDirectory()
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const before = await openTrail({ dir, clocks, sealing: 'manual' })
    await recordOnDays(before, clocks, ['2026-01-01', '2026-01-02', '2026-01-03'])
    await before.close()
    const trail = await openTrail({ dir, clocks })
    await until(async () => (await statedSeals(trail)).length === 2)
    await trail.close()
    const after = await openTrail({ dir, clocks, sealing: 'manual' })
    expect(await states(after)).toEqual(['2026-01-01 sealed', '2026-01-02 sealed', '2026-01-03 open'])
    await after.close()
  })

  it('never holds up recording, and closing waits for the chunk under way only', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const store = await openMemory({ clock: clocks.wall })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const begun: number[] = []
    const trail = await openTrail({
      store: withLog(store, log => ({
        async seal(lo) {
          begun.push(lo)
          await released
          return await log.seal(lo)
        },
      })),
      clocks,
    })
    await recordOnDays(trail, clocks, ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'])
    await until(async () => begun.length === 1)
    expect(trail.size).toBeGreaterThan(4)
    let closed = false
    const closing = trail.close().then(() => {
      closed = true
    })
    await delay(20)
    expect(closed).toBe(false)
    release()
    await closing
    expect(begun).toHaveLength(1)
  })

  it('reports what fails, and tries again when the next chunk ends', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const store = await openMemory({ clock: clocks.wall })
    let full = true
    const errors: Error[] = []
    const trail = await openTrail({
      store: withLog(store, log => ({
        async seal(lo) {
          if (full) throw new AnnalsError('ANNALS_DISK_FULL', 'No space is left.')
          return await log.seal(lo)
        },
      })),
      clocks,
      onError: error => errors.push(error),
    })
    await recordOnDays(trail, clocks, ['2026-01-01', '2026-01-02'])
    await until(async () => errors.length > 0)
    expect(errors).toMatchObject([
      { code: 'ANNALS_STORE', message: expect.stringContaining('No space is left.') },
    ])
    expect(await statedSeals(trail)).toEqual([])
    full = false
    await recordOnDays(trail, clocks, ['2026-01-03'])
    await until(async () => (await statedSeals(trail)).length === 2)
    expect(errors).toHaveLength(1)
    await trail.close()
  })

  it('says why a chunk whose boundary checkpoint is gone cannot be sealed, and seals the others', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const store = await openMemory({ clock: clocks.wall })
    const sizes: number[] = []
    const trail = await openTrail({
      store: withLog(store, log => ({
        kept: async size => {
          if (!sizes.includes(size)) sizes.push(size)
          return size === sizes[1] ? undefined : await log.kept(size)
        },
      })),
      clocks,
      sealing: 'manual',
    })
    await recordOnDays(trail, clocks, ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'])
    sizes.length = 0
    const { sealed, failed } = await trail.perform(seal, {})
    expect(sealed.map(({ period }) => period)).toEqual(['2026-01-01'])
    expect(failed.map(({ period }) => period)).toEqual(['2026-01-02', '2026-01-03'])
    expect(failed[0]?.why).toMatch(/signed checkpoint over \d+ entries/)
    await trail.close()
  })
})

describe('heartbeat', () => {
  it('signs an idle log anew, with a fresh time and the same size', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    const store = await openMemory({ clock: clocks.wall })
    const published: Uint8Array[] = []
    const trail = await openTrail({
      store: withLog(store, log => ({
        publish: async note => {
          published.push(note)
          await log.publish(note)
        },
      })),
      clocks,
      heartbeatMs: 10,
    })
    await trail.record('a.b')
    await trail.flush()
    const before = published.length
    clocks.to('2026-01-01T13:00:00Z')
    await until(async () => published.length > before + 2)
    const bodies = published.slice(before - 1).map(note => Buffer.from(note).toString('utf8'))
    expect(new Set(bodies.map(text => text.split('\n\n')[0])).size).toBe(1)
    expect(new Set(bodies).size).toBeGreaterThan(1)
    expect(await trail.checkpoint()).toEqual(published.at(-1))
    await trail.close()
    const after = published.length
    await delay(40)
    expect(published).toHaveLength(after)
  })

  it.each([0, -1, Number.NaN])('refuses %s milliseconds', async heartbeatMs => {
    await expect(openTrail({ store: await openMemory(), heartbeatMs })).rejects.toThrow(TypeError)
  })

  it('takes longer times than a timer can count', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    for (const heartbeatMs of [2 ** 31, Number.POSITIVE_INFINITY]) {
      const trail = await openTrail({ store: await openMemory(), heartbeatMs })
      await trail.record('a.b')
      await delay(5)
      await trail.close()
    }
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })
})

describe('another period', () => {
  it('holds from the next chunk on, which begins at once; it is stated; nothing overlaps', async () => {
    const dir = temporaryDirectory()
    const clocks = clocksAt('2026-01-30T12:00:00Z')
    const record = async (
      period: 'hour' | 'day' | 'month' | undefined,
      times: readonly string[],
    ): Promise<void> => {
      const trail = await openTrail({ dir, clocks, period, sealing: 'manual' })
      for (const time of times) {
        clocks.to(time)
        await trail.record('a.b')
      }
      await trail.close()
    }
    await record('day', ['2026-01-30T12:00:00Z', '2026-01-31T10:00:00Z'])
    await record('hour', ['2026-01-31T10:30:00Z', '2026-01-31T11:00:00Z'])
    await record(undefined, ['2026-01-31T11:59:59.999Z', '2026-01-31T12:00:00Z'])
    await record('month', ['2026-01-31T12:30:00Z', '2026-01-31T23:59:59.999Z', '2026-02-01T00:00:00Z'])
    await record('day', ['2026-02-01T01:00:00Z', '2026-02-02T00:00:00Z'])
    const trail = await openTrail({ dir, clocks, sealing: 'manual' })
    const chunks = await trail.perform(listChunks, {})
    expect(chunks.map(({ period }) => period)).toEqual([
      '2026-01-30',
      '2026-01-31',
      '2026-01-31_10',
      '2026-01-31_11',
      '2026-01-31_12',
      '2026-01',
      '2026-02',
      '2026-02-01',
      '2026-02-02',
    ])
    for (const [nth, chunk] of chunks.entries()) {
      expect(chunk.chunk).toBe(chunks[nth - 1]?.end ?? 0)
      if (nth > 0) expect(chunk.first >= (chunks[nth - 1]?.last as string)).toBe(true)
    }
    const stated = await Array.fromAsync(trail.events('action:log.policy'))
    expect(stated.map(({ data }) => data)).toEqual(['hour', 'month', 'day'].map(period => ({ period })))
    await trail.perform(seal, {})
    await trail.close()
  })

  it('two chunks of one period have names of their own', async () => {
    const dir = temporaryDirectory()
    const clocks = clocksAt('2026-01-31T10:00:00Z')
    for (const period of ['day', 'hour', 'day'] as const) {
      const trail = await openTrail({ dir, clocks, period })
      await trail.record('a.b')
      await trail.close()
      clocks.by(60_000)
    }
    const trail = await openTrail({ dir, clocks, sealing: 'manual' })
    const periods = (await trail.perform(listChunks, {})).map(({ period }) => period)
    expect(periods).toEqual(['2026-01-31', '2026-01-31_10', '2026-01-31'])
    const [first, second, third] = readdirSync(join(dir, 'chunks')).sort()
    expect([first, third]).toEqual(['2026-01-31', '2026-01-31_10'])
    expect(second).toMatch(/^2026-01-31\.\d{12}$/)
    expect(await trail.count('action:a.b')).toMatchObject({ total: 3 })
    await trail.close()
  })

  it('refuses a period that there is none of, and leaves the log as it was', async () => {
    const dir = temporaryDirectory()
    await (await openTrail({ dir })).close()
    await expect(openTrail({ dir, period: 'week' as never })).rejects.toThrow(TypeError)
    const trail = await openTrail({ dir })
    expect(await trail.record('a.b')).toMatchObject({ index: expect.any(Number) })
    await trail.close()
  })
})
