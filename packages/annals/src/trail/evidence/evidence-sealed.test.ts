import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clocksAt } from '../../lifecycle/clocked.test-support.ts'
import { retentionPlan, retentionRun } from '../../lifecycle/retention-acts.ts'
import { seal } from '../../lifecycle/seal.ts'
import { openReader } from '../open-reader.ts'
import { openTrail } from '../open-trail.ts'
import { temporaryDirectory } from '../trail.test-support.ts'
import { verifyEvidence } from '../verify-evidence.ts'
import { verifyReceipt } from '../verify-receipt.ts'
import { exportEvidence } from './export-evidence.ts'

const DAY = 86_400_000

it('a sealed chunk discloses as an open one; what is past its retention is explained', async () => {
  const dir = temporaryDirectory()
  const clocks = clocksAt('2026-01-05T10:00:00.000Z')
  const trail = await openTrail({ dir, clocks, period: 'day', origin: 'example.com/sealed' })
  const draft = { action: 'door.open', actor: { type: 'user', id: 'ann' } }
  await trail.recordAll(Array.from({ length: 20 }, () => draft))
  clocks.by(DAY)
  await trail.recordAll(Array.from({ length: 5 }, () => draft))
  await trail.perform(seal, {})
  await trail.flush()
  const vkey = readFileSync(join(dir, 'vkey'), 'utf8').trim()

  const reader = await openReader({ dir })
  const before = await reader.receipt(10, { disclose: 'all' })
  expect((await verifyReceipt(before, { vkey })).event).toEqual(await reader.get(10))
  await reader.close()
  const out = join(temporaryDirectory(), 'before')
  await exportEvidence({ dir, out, query: 'action:door.open', complete: true })
  expect(await verifyEvidence(out, { vkey })).toMatchObject({ ok: true, count: 25, findings: [] })

  clocks.by(365 * DAY)
  await trail.record('door.open', { actor: { type: 'user', id: 'bob' } })
  const plan = await trail.perform(retentionPlan, {})
  expect(plan.entries).toBeGreaterThan(0)
  await trail.perform(retentionRun, { at: plan.at, plan: plan.plan })
  await trail.flush()
  const after = join(temporaryDirectory(), 'after')
  await exportEvidence({ dir, out: after, query: 'action:door.open', complete: true })
  const report = await verifyEvidence(after, { vkey })
  expect(report.ok).toBe(true)
  expect(report.findings.map(({ code }) => code)).toEqual(['W_THINNED'])
  expect(report.count).toBeLessThan(26)
  await expect(trail.receipt(10)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  // What was handed out before still holds.
  expect((await verifyReceipt(before, { vkey })).ok).toBe(true)
  await trail.close()
})

it('gaps that the log recorded are in the bundle, and named', async () => {
  const dir = temporaryDirectory()
  let wall = Date.parse('2026-01-05T10:00:00.000Z')
  let mono = 0
  const clocks = { wall: () => wall, mono: () => mono }
  const trail = await openTrail({ dir, clocks, origin: 'example.com/gap' })
  await trail.record('door.open')
  wall += 3_600_000
  mono += 1_000
  await trail.record('door.open')
  await trail.flush()
  await trail.close()
  const out = join(temporaryDirectory(), 'bundle')
  const { gaps } = await exportEvidence({ dir, out, query: 'action:door.open' })
  expect(gaps.recorded).toHaveLength(1)
  const vkey = readFileSync(join(dir, 'vkey'), 'utf8').trim()
  const { ok, findings } = await verifyEvidence(out, { vkey })
  expect(ok).toBe(true)
  expect(findings.map(({ code, index }) => [code, index])).toEqual([['W_GAP', gaps.recorded[0]]])
})
