import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import type { Positioned } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import { reference } from '../measure/reference.test-support.ts'
import type { Draft } from '../model/index.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openReader } from './open-reader.ts'
import { openTrail } from './open-trail.ts'
import { all, temporaryDirectory } from './trail.test-support.ts'
import type { Trail, TrailReader } from './trail.ts'

const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

/** Counts the records that are read from a store. */
interface Counted {
  readonly store: Store
  read: number
}

/** A directory as a store whose reading of records is counted. */
async function counted(dir: string): Promise<Counted> {
  const inner = await openEmbedded({ dir })
  const counts = { store: inner, read: 0 }
  const { log } = inner
  const counting = new Proxy(log, {
    get(_, name) {
      if (name !== 'read') {
        const member = log[name as keyof typeof log]
        return typeof member === 'function' ? member.bind(log) : member
      }
      return async function* (from: number, to: number): AsyncIterable<readonly Positioned[]> {
        for await (const batch of log.read(from, to)) {
          counts.read += batch.length
          yield batch
        }
      }
    },
  })
  counts.store = new Proxy(inner, {
    get(_, name) {
      if (name === 'log') return counting
      const member = inner[name as keyof Store]
      return typeof member === 'function' ? member.bind(inner) : member
    },
  })
  return counts
}

const drafts = (count: number, from = 0): readonly Draft[] =>
  Array.from({ length: count }, (_, n) => ({
    action: `app.${'abc'[n % 3]}`,
    tenant: n % 2 === 0 ? 'acme' : 'umbra',
    actor: { type: 'user', id: `u${(from + n) % 40}` },
    targets: [{ type: 'vm', id: `v${(from + n) % 300}` }],
    outcome: { result: n % 5 === 0 ? 'failure' : 'success', durationMs: (n * 37) % 1_000 },
  }))

/** Records a history of so many hours, 50 events in each, and closes it. */
async function history(dir: string, hours: number): Promise<number> {
  let now = START
  const clocks = { wall: () => now, mono: () => now - START }
  const trail = await openTrail({ dir, clocks, sealing: 'manual', heartbeatMs: Number.POSITIVE_INFINITY })
  for (let hour = 0; hour < hours; hour++) {
    now = START + hour * HOUR
    await trail.recordAll(drafts(50, hour * 50))
  }
  await trail.close()
  return now
}

function open(dir: string, now: number, store?: Store): Promise<Trail> {
  const clocks = { wall: () => now, mono: () => 0 }
  return openTrail({ ...(store === undefined ? { dir } : { store }), clocks, sealing: 'manual' })
}

async function everything(reader: TrailReader): Promise<unknown> {
  return (await reader.metric('summary')).value
}

const file = (dir: string): string => join(dir, 'derived', 'metrics')

it('P31: what a question reads does not grow with the log', async () => {
  const reads: number[][] = []
  for (const hours of [30, 150]) {
    const dir = temporaryDirectory()
    const now = await history(dir, hours)
    const source = await counted(dir)
    const trail = await open(dir, now, source.store)
    onTestFinished(() => trail.close())
    source.read = 0
    const read = async (ask: () => Promise<unknown>): Promise<number> => {
      const before = source.read
      await ask()
      return source.read - before
    }
    // The first question waits until what was kept is taken over.
    const at = (hour: number): Date => new Date(START + hour * HOUR)
    reads.push([
      await read(async () => expect((await trail.metric('operations')).value.total).toBe(hours * 50)),
      await read(() => trail.metric('summary', { topic: 'app.a', tenant: 'acme' })),
      await read(() => trail.metric('summary', { from: at(3), to: at(20) })),
      await read(() => trail.metric('duration', { last: 20 * HOUR })),
      await read(() => trail.metric('rolling', { from: at(0), to: at(29), every: HOUR })),
    ])
  }
  expect(reads[1]).toEqual(reads[0])
  expect(reads[0]).toEqual([1, 0, 0, 0, 0])
})

it('goes on from where it was after a clean end, and counts everything once', async () => {
  const dir = temporaryDirectory()
  const now = await history(dir, 60)
  for (let round = 1; round <= 3; round++) {
    const trail = await open(dir, now + round * HOUR)
    await trail.recordAll(drafts(20))
    const { value, asOf } = await trail.metric('operations')
    expect(value.total).toBe(60 * 50 + round * 20)
    expect(asOf).toBe(trail.size)
    await trail.close()
  }
})

it.each([
  ['missing', (path: string) => rmSync(path)],
  ['empty', (path: string) => writeFileSync(path, '')],
  ['cut short', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -40))],
  [
    'altered in one bit',
    (path: string) => {
      const bytes = readFileSync(path)
      const middle = bytes.length >> 1
      bytes[middle] = (bytes[middle] as number) ^ 4
      writeFileSync(path, bytes)
    },
  ],
  [
    'of a newer format',
    (path: string) =>
      writeFileSync(path, readFileSync(path, 'latin1').replace('metrics 1', 'metrics 2'), 'latin1'),
  ],
])('is made again from the log when what was kept is %s', async (_, damage) => {
  const dir = temporaryDirectory()
  const now = await history(dir, 20)
  const before = await open(dir, now)
  const expected = await everything(before)
  await before.close()
  damage(file(dir))
  const trail = await open(dir, now)
  onTestFinished(() => trail.close())
  expect(await everything(trail)).toEqual(expected)
  expect(await (await trail.verify()).findings).toEqual([])
  await trail.close()
  // And it is kept again.
  const source = await counted(dir)
  const again = await open(dir, now, source.store)
  onTestFinished(() => again.close())
  source.read = 0
  expect(await everything(again)).toEqual(expected)
  expect(source.read).toBe(1)
})

it('believes nothing that was kept of another log, or of more than is there', async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()]
  const now = await history(one, 10)
  const copy = mkdtempSync(join(tmpdir(), 'annals-copy-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(one, copy, { recursive: true })
  // The same log goes on in two ways: positions are alike, entries are not.
  const [a, b] = [await open(one, now + HOUR), await open(copy, now + HOUR)]
  await a.recordAll(drafts(10))
  await b.recordAll(drafts(30).map(draft => ({ ...draft, action: 'another' })))
  await a.close()
  await b.close()
  cpSync(file(one), file(copy))
  const trail = await open(copy, now + HOUR)
  expect((await trail.metric('operations', { topic: 'another' })).value.total).toBe(30)
  expect((await trail.metric('operations')).value.total).toBe(530)
  await trail.close()
  await history(other, 12)
  cpSync(file(other), file(copy))
  const again = await open(copy, now + HOUR)
  onTestFinished(() => again.close())
  expect((await again.metric('operations')).value.total).toBe(530)
})

it('finds what a killed writer has recorded', async () => {
  const dir = temporaryDirectory()
  const now = await history(dir, 5)
  const killed = await open(dir, now)
  onTestFinished(() => killed.close())
  await killed.recordAll(drafts(500).map(draft => ({ ...draft, action: 'late' })))
  // What lies there now is what a kill would leave.
  const left = join(temporaryDirectory(), 'left')
  cpSync(dir, left, { recursive: true })
  const trail = await open(left, now)
  onTestFinished(() => trail.close())
  expect((await trail.metric('operations', { topic: 'late' })).value.total).toBe(500)
  expect((await trail.metric('operations')).value.total).toBe(750)
})

it('opens at once and records while it reads what was there before', async () => {
  const dir = temporaryDirectory()
  await history(dir, 100)
  rmSync(file(dir))
  const source = await counted(dir)
  const trail = await openTrail({ store: source.store, sealing: 'manual' })
  onTestFinished(() => trail.close())
  // Opening has not read the history.
  expect(source.read).toBeLessThan(5_000)
  for (let n = 0; n < 40; n++) {
    await trail.record('live', { actor: { type: 'user', id: `live${n}` } })
    if (n % 10 === 0) await setImmediate()
  }
  const { value, asOf } = await trail.metric('operations')
  expect(value.total).toBe(5_040)
  expect(asOf).toBe(trail.size)
  expect((await trail.metric('actors', { topic: 'live' })).value.distinct).toBe(40)
})

it('a reader in another process takes over what was kept, reads the rest, and writes nothing', async () => {
  const dir = temporaryDirectory()
  const now = await history(dir, 40)
  const trail = await open(dir, now + HOUR)
  onTestFinished(() => trail.close())
  await trail.recordAll(drafts(30))
  const kept = statSync(file(dir)).mtimeMs
  const reader = await openReader({ dir })
  expect(await everything(reader)).toEqual(await everything(trail))
  await trail.recordAll(drafts(10))
  expect(await everything(reader)).toEqual(await everything(trail))
  await reader.close()
  expect(statSync(file(dir)).mtimeMs).toBe(kept)
  expect(existsSync(`${file(dir)}.tmp`)).toBe(false)
})

it('a reader without the keys counts from the log alone', async () => {
  const dir = temporaryDirectory()
  const now = await history(dir, 10)
  const expected = await open(dir, now).then(async trail => {
    const value = await everything(trail)
    await trail.close()
    return value
  })
  rmSync(join(dir, 'keys'), { recursive: true })
  const reader = await openReader({ dir })
  onTestFinished(() => reader.close())
  expect(await everything(reader)).toEqual(expected)
})

it('a state that cannot be kept is told once, and recording goes on', async () => {
  const dir = temporaryDirectory()
  const errors: Error[] = []
  const trail = await openTrail({ dir, onError: error => errors.push(error) })
  writeFileSync(join(dir, 'derived'), 'in the way')
  await trail.record('a')
  expect((await trail.metric('operations')).value.total).toBe(1)
  await trail.close()
  expect(errors).toHaveLength(1)
  rmSync(join(dir, 'derived'))
  const again = await openTrail({ dir })
  onTestFinished(() => again.close())
  expect((await again.metric('operations')).value.total).toBe(1)
})

it('what is kept names nobody', async () => {
  const dir = temporaryDirectory()
  const trail = await openTrail({ dir })
  await trail.record('door.open', {
    tenant: 'tenant-canary',
    actor: { type: 'user', id: 'actor-canary', name: 'name-canary' },
    targets: [{ type: 'door', id: 'target-canary' }],
  })
  await trail.close()
  const bytes = readFileSync(file(dir), 'latin1')
  expect(bytes).toContain('door.open')
  expect(bytes).not.toContain('canary')
})

it('equals a fold over all events in every stretch, whatever was kept, closed and opened in between', async () => {
  const dir = temporaryDirectory()
  let now = START
  for (const [round, step] of [1_700, 90_000, 5 * HOUR, 30 * HOUR, 40 * HOUR, 7_000].entries()) {
    const clocks = { wall: () => now, mono: () => now - START }
    const trail = await openTrail({ dir, clocks, sealing: 'manual', heartbeatMs: Number.POSITIVE_INFINITY })
    for (let n = 0; n < 15; n++) {
      now += step
      await trail.recordAll(drafts(4, round * 7 + n))
    }
    const events = await all(trail.events('', { includeLog: true }))
    for (const share of [0, 0.3, 0.77]) {
      const from = Math.round(START + share * (now - START))
      const to = Math.round(from + (now + 1 - from) * (1 - share / 2))
      const asked = { from: new Date(from), to: new Date(to) }
      for (const narrower of [{}, { topic: 'app.b' }, { tenant: 'acme' }]) {
        const { value, window } = await trail.metric('summary', { ...asked, ...narrower })
        const expected = reference(events, { ...narrower, from, to })
        expect(window).toEqual({ from: asked.from.toISOString(), to: asked.to.toISOString() })
        expect(value.operations).toEqual({ total: expected.total, ...expected.counts })
        expect([value.actors.distinct, value.targets.distinct]).toEqual([expected.actors, expected.targets])
        expect(value.duration.count).toBe(expected.durations.length)
      }
    }
    await trail.close()
    if (round === 3) rmSync(file(dir))
  }
})
