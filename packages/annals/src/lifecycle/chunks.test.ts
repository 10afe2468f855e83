import { describe, expect, it } from 'vitest'
import type { Period } from '../log/store.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import type { Trail } from '../trail/trail.ts'
import { type ListedChunk, listChunks } from './chunks.ts'
import { clocksAt } from './clocked.test-support.ts'
import { retentionRun } from './retention-acts.ts'
import { retentionPolicy } from './retention-policy-act.ts'

/** The chunks of events recorded at these instants; the positions of the events say where each began. */
async function chunksOf(period: Period, instants: readonly string[]): Promise<readonly ListedChunk[]> {
  const clocks = clocksAt(instants[0] as string)
  await using trail = await openTrail({
    store: await openMemory({ period, clock: clocks.wall }),
    clocks,
    sealing: 'manual',
  })
  for (const instant of instants) {
    clocks.to(instant)
    await trail.record('a.b')
  }
  return await trail.perform(listChunks, {})
}

const names = (chunks: readonly ListedChunk[]): string[] => chunks.map(({ period }) => period)

describe('chunks and the calendar', () => {
  it.each<[Period, readonly string[], readonly string[]]>([
    ['hour', ['2026-11-21T13:59:59.999Z', '2026-11-21T14:00:00.000Z'], ['2026-11-21_13', '2026-11-21_14']],
    ['day', ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'], ['2026-12-31', '2027-01-01']],
    [
      'day',
      ['2028-02-28T23:59:59.999Z', '2028-02-29T12:00:00Z', '2028-03-01T00:00:00Z'],
      ['2028-02-28', '2028-02-29', '2028-03-01'],
    ],
    ['month', ['2028-02-29T23:59:59.999Z', '2028-03-01T00:00:00.000Z'], ['2028-02', '2028-03']],
    ['day', ['2026-01-01T12:00:00Z', '2026-01-05T12:00:00Z'], ['2026-01-01', '2026-01-05']],
  ])(
    'M26, M27: by the %s, a boundary instant belongs to what begins: %j',
    async (period, instants, expected) => {
      const chunks = await chunksOf(period, instants)
      expect(names(chunks)).toEqual(expected)
      for (const [nth, { chunk, first, last }] of chunks.entries()) {
        expect(chunk).toBe(chunks[nth - 1]?.end ?? 0)
        expect([first, last]).toEqual([
          expect.stringContaining(expected[nth]?.slice(0, 7) as string),
          expect.any(String),
        ])
      }
    },
  )

  it('M27: the zone of the machine and its summer time are irrelevant', async () => {
    const before = process.env['TZ']
    const instants = [
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T23:30:00Z',
    ]
    try {
      for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Pacific/Apia']) {
        process.env['TZ'] = zone
        expect(names(await chunksOf('day', instants))).toEqual(['2026-10-24', '2026-10-25'])
        expect(names(await chunksOf('hour', instants))).toEqual([
          '2026-10-24_23',
          '2026-10-25_00',
          '2026-10-25_01',
          '2026-10-25_23',
        ])
      }
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })

  it('M28: a period that many begin at once gets one chunk', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    await using trail = await openTrail({
      store: await openMemory({ clock: clocks.wall }),
      clocks,
      sealing: 'manual',
    })
    for (let day = 0; day < 5; day++) {
      const all = Array.from({ length: 50 }, (_, n) =>
        trail.record('a.b', {
          actor: { type: 'user', id: `${day}-${n}` },
          ...(n % 2 === 0 ? { id: `${day}-${n}` } : {}),
        }),
      )
      await Promise.all(all)
      clocks.by(86_400_000)
    }
    const chunks = await trail.perform(listChunks, {})
    expect(names(chunks)).toEqual(['01', '02', '03', '04', '05'].map(day => `2026-01-${day}`))
    expect(chunks.map(({ classes }) => classes['standard'])).toEqual([50, 50, 50, 50, 50])
  })

  it('M29: lists all of them, in order', async () => {
    const start = Date.parse('2026-01-01T12:00:00Z')
    const instants = Array.from({ length: 60 }, (_, day) => new Date(start + day * 86_400_000).toISOString())
    expect(names(await chunksOf('day', instants))).toEqual(instants.map(instant => instant.slice(0, 10)))
  })

  it('M30: keeping the newest N keeps exactly N, the current ones among them, and none of another subject', async () => {
    const clocks = clocksAt('2026-01-01T12:00:00Z')
    await using trail = await openTrail({
      store: await openMemory({ clock: clocks.wall }),
      clocks,
      sealing: 'manual',
    })
    await trail.perform(retentionPolicy, { classes: { standard: { last: 3 } }, tenants: {}, floor: 0 })
    const days = async (machine: string): Promise<string[]> =>
      (await eventsOf(trail, `target:machine/${machine}`)).map(({ recordedAt }) => recordedAt.slice(8, 10))
    for (let day = 0; day < 8; day++) {
      await trail.record('a.b', { targets: [{ type: 'machine', id: 'm' }] })
      if (day < 2) await trail.record('a.b', { targets: [{ type: 'machine', id: 'm-2026-01-01' }] })
      await trail.perform(retentionRun, {})
      clocks.by(86_400_000)
    }
    expect(await days('m')).toEqual(['06', '07', '08'])
    expect(await days('m-2026-01-01')).toEqual(['01', '02'])
  })
})

async function eventsOf(trail: Trail, query: string): Promise<{ recordedAt: string }[]> {
  return await Array.fromAsync(trail.events(query))
}
