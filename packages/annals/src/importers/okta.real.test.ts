import { describe, expect, it } from 'vitest'
import type { Outcome } from '../model/index.ts'
import { importTwice, lost, pantherFile, understood } from './importing.test-support.ts'
import { okta } from './okta.ts'

const file = pantherFile('okta-systemlog.ndjson')

// Every number was counted in the file, without this project's code.
describe.skipIf(file.isMissing)(`records of panther/okta-systemlog.ndjson${file.skipped}`, () => {
  const all = understood(okta, file.records)
  const drafts = all.map(({ draft }) => draft)
  const results = (result: string): number =>
    drafts.filter(draft => (draft.outcome as Outcome).result === result).length

  it('records each uuid once; tells what has none, no time, or the uuid of another event', async () => {
    const { first, again, reasons, events } = await importTwice(okta, file.path)
    expect(first).toEqual({ read: 66, recorded: 14, duplicates: 2, rejected: 50 })
    expect(reasons).toEqual({ '/event/uuid': 5, '/event/published': 7, 'The idempotency key': 38 })
    expect(again).toEqual({ read: 66, recorded: 0, duplicates: 16, rejected: 50 })
    expect(events).toHaveLength(14)
  })

  it('is the same without what the collection put around the records', async () => {
    const { first } = await importTwice(okta, file.records)
    expect(first).toEqual({ read: 66, recorded: 14, duplicates: 2, rejected: 50 })
  })

  it('records them all once each has a uuid of its own', async () => {
    const records = all.map(({ record }, at) => ({ ...record, uuid: `u-${at}` }))
    const { first } = await importTwice(okta, records)
    expect(first).toEqual({ read: 54, recorded: 54, duplicates: 0, rejected: 0 })
  })

  it('has the numbers that were counted in the file', () => {
    expect(drafts).toHaveLength(54)
    expect(new Set(drafts.map(draft => draft.action)).size).toBe(25)
    expect(new Set(drafts.map(draft => draft.source?.id)).size).toBe(14)
    expect(['success', 'failure', 'denied', 'unknown'].map(results)).toEqual([30, 14, 3, 7])
    expect(new Set(drafts.map(draft => draft.actor?.id)).size).toBe(12)
    expect(drafts.filter(draft => draft.origin?.ip !== undefined)).toHaveLength(51)
    expect(drafts.filter(draft => draft.origin?.sessionId !== undefined)).toHaveLength(47)
    expect(drafts.filter(draft => draft.actor?.credential !== undefined)).toHaveLength(4)
    expect(drafts.flatMap(draft => draft.targets ?? [])).toHaveLength(72)
    expect(all.filter(({ record }) => 'eventtype' in record)).toHaveLength(41)
  })

  it('loses nothing: every text, number and flag of a record is somewhere in its draft', () => {
    for (const { record, draft } of all) {
      // Said in another way: the result.
      const { result } = (record['outcome'] ?? {}) as { result?: unknown }
      expect(lost(record, draft).filter(leaf => leaf !== result)).toEqual([])
    }
  })

  it('has the id of who acted in data where a further name is', () => {
    for (const { draft } of all) {
      const left = (draft.data as { actor?: Record<string, unknown> }).actor ?? {}
      expect(Object.values(left)).not.toContain(draft.actor?.name)
      if (left['displayName'] !== undefined) expect(left['id']).toBe(draft.actor?.id)
    }
  })
})
