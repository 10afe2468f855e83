import type { TrailStatus } from 'annals'
import { expect, it } from 'vitest'
import { type Facts, type Health, judge } from './stages.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const GIB = 1024 ** 3
const trail: TrailStatus = {
  origin: 'example.com/log',
  period: 'day',
  size: 10,
  waiting: 0,
  checkpoint: { size: 10, at: '2026-03-01T11:59:00Z' },
  chunks: { open: 1, closed: 0, sealed: 0, dropped: 0, bytes: 1 },
  watermark: 10,
  holds: 0,
  gaps: 0,
}
const next = '2026-03-02T02:00:00Z'
const last = { begun: '2026-03-01T02:00:00Z', ended: '2026-03-01T02:00:01Z' } as const
const well: Facts = {
  now: NOW,
  trail,
  stopping: false,
  disk: { free: 50 * GIB, total: 100 * GIB },
  runs: { retention: { running: false, next, last: { ...last, outcome: 'done' } } },
}

it('everything well is healthy', () => {
  const { health, stages } = judge(well)
  expect(health).toBe('healthy')
  expect(Object.keys(stages)).toEqual(['recording', 'checkpoints', 'index', 'disk', 'retention'])
})

it.each<[string, Partial<Facts>, string, Health, string]>([
  [
    'an append that failed',
    { trail: { ...trail, failure: { code: 'ANNALS_DISK_FULL', at: next } } },
    'recording',
    'unhealthy',
    'ANNALS_DISK_FULL',
  ],
  ['a server that stops', { stopping: true }, 'recording', 'unhealthy', 'stopping'],
  [
    'no checkpoint',
    { trail: { ...trail, checkpoint: undefined as never } },
    'checkpoints',
    'degraded',
    'none',
  ],
  [
    'an old checkpoint',
    { trail: { ...trail, checkpoint: { size: 10, at: '2026-03-01T09:59:59Z' } } },
    'checkpoints',
    'degraded',
    'old',
  ],
  [
    'a checkpoint far behind',
    { trail: { ...trail, size: 2e6, watermark: 2e6 } },
    'checkpoints',
    'degraded',
    'behind',
  ],
  [
    'an index far behind',
    { trail: { ...trail, size: 2e6, checkpoint: { size: 2e6 } } },
    'index',
    'degraded',
    'behind',
  ],
  ['little space', { disk: { free: 4 * GIB, total: 100 * GIB } }, 'disk', 'degraded', 'low'],
  ['no space', { disk: { free: 60 * 1024 ** 2, total: 100 * GIB } }, 'disk', 'unhealthy', 'full'],
  [
    'a run that failed',
    {
      runs: { archive: { running: false, next, last: { ...last, outcome: 'failed', code: 'ANNALS_STORE' } } },
    },
    'archive',
    'degraded',
    'failed',
  ],
  [
    'a run that did a part',
    { runs: { archive: { running: false, next, last: { ...last, outcome: 'partly' } } } },
    'archive',
    'degraded',
    'partly',
  ],
  [
    'a run that is late',
    { runs: { archive: { running: false, next: '2026-03-01T11:49:00Z' } } },
    'archive',
    'degraded',
    'late',
  ],
])('%s is told', (_what, facts, stage, health, reason) => {
  const judged = judge({ ...well, ...facts })
  expect(judged.stages[stage]).toEqual({ health, reason })
  expect(judged.health).toBe(health)
})

it('what is no matter: an empty log, a small disk with space, an unknown disk, a long run', () => {
  expect(judge({ ...well, trail: { ...trail, size: 0, checkpoint: undefined as never } }).health).toBe(
    'healthy',
  )
  expect(judge({ ...well, disk: { free: 2 * GIB, total: 4 * GIB } }).health).toBe('healthy')
  expect(judge({ ...well, disk: undefined }).health).toBe('healthy')
  expect(judge({ ...well, runs: { archive: { running: true, next: '2026-03-01T01:00:00Z' } } }).health).toBe(
    'healthy',
  )
})
