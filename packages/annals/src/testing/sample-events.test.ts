import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, isPath, normalizeDraft } from '../model/index.ts'
import { SAMPLE_ACTIONS } from './sample-actions.ts'
import { sampleDrafts } from './sample-events.ts'

describe('sampleDrafts', () => {
  const drafts = [...sampleDrafts({ count: 20_000 })]

  it('is decided by its options', () => {
    expect([...sampleDrafts({ count: 500 })]).toEqual(drafts.slice(0, 500))
    expect([...sampleDrafts({ count: 500, seed: 2 })]).not.toEqual(drafts.slice(0, 500))
    expect([...sampleDrafts({ count: 0 })]).toEqual([])
  })

  it('averages 600 to 680 bytes as JSON', () => {
    const bytes = drafts.reduce((sum, draft) => sum + Buffer.byteLength(JSON.stringify(draft)), 0)
    expect(bytes / drafts.length).toBeGreaterThan(600)
    expect(bytes / drafts.length).toBeLessThan(680)
  })

  it('has more than forty kinds of event, and all of them happen', () => {
    const actions = new Set(drafts.map(draft => draft.action))
    expect(actions.size).toBe(SAMPLE_ACTIONS.length)
    expect(actions.size).toBeGreaterThan(40)
    expect([...actions].every(isPath)).toBe(true)
  })

  it('is what a recorder takes', () => {
    for (const draft of drafts.slice(0, 2000)) {
      const { notes, ...event } = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
      expect(notes).toBeUndefined()
      expect(event).toMatchObject(draft)
    }
  })

  it('has refusals, failures, changes, several targets and shared correlation ids', () => {
    const results = Map.groupBy(drafts, draft =>
      typeof draft.outcome === 'object' ? draft.outcome.result : draft.outcome,
    )
    expect([...results.keys()].sort()).toEqual(['denied', 'failure', 'success'])
    expect(results.get('success')?.length).toBeGreaterThan(drafts.length * 0.8)
    expect(drafts.some(draft => (draft.targets?.length ?? 0) > 2)).toBe(true)
    expect(drafts.some(draft => draft.changes?.some(change => change.before !== undefined))).toBe(true)
    expect(new Set(drafts.map(draft => draft.origin?.correlationId)).size).toBeLessThan(drafts.length / 2)
  })

  it('has actors and tenants of very different activity', () => {
    const actors = [...Map.groupBy(drafts, draft => draft.actor?.id ?? '').values()]
      .map(events => events.length)
      .sort((a, b) => b - a)
    expect(actors.length).toBeGreaterThan(500)
    expect(actors[0]).toBeGreaterThan((actors[100] ?? 0) * 10)
  })

  it('keeps the rate, from the start on, in order', () => {
    const times = [...sampleDrafts({ count: 10_000, rate: 100, start: '2025-06-01T00:00:00.000Z' })].map(
      draft => String(draft.occurredAt),
    )
    expect(times).toEqual([...times].sort())
    expect(times.every(time => new Date(time).toISOString() === time)).toBe(true)
    expect(Date.parse(times.at(-1) ?? '') - Date.parse('2025-06-01T00:00:00.000Z')).toBeCloseTo(100_000, -4)
  })

  it('refuses options out of range at once', () => {
    expect(() => sampleDrafts({ count: -1 })).toThrow(TypeError)
    expect(() => sampleDrafts({ count: 1, rate: 0 })).toThrow(TypeError)
    expect(() => sampleDrafts({ count: 1, seed: 0.5 })).toThrow(TypeError)
    expect(() => sampleDrafts({ count: 1, start: 'yesterday' })).toThrow(TypeError)
  })
})
