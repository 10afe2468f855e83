import { describe, expect, it } from 'vitest'
import type { Outcome } from '../model/index.ts'
import { github } from './github.ts'
import { importTwice, lost, pantherFile, understood } from './importing.test-support.ts'

const file = pantherFile('github-audit.ndjson')

// Every number was counted in the file, without this project's code.
describe.skipIf(file.isMissing)(`records of panther/github-audit.ndjson${file.skipped}`, () => {
  const all = understood(github, file.records)
  const drafts = all.map(({ draft }) => draft)
  const distinct = (values: readonly unknown[]): number =>
    new Set(values.filter(value => value !== undefined)).size

  it('records each event once; tells what has no time, or the id of another event', async () => {
    const { first, again, reasons, events } = await importTwice(github, file.path)
    expect(first).toEqual({ read: 101, recorded: 56, duplicates: 9, rejected: 36 })
    expect(reasons).toEqual({ '/event/@timestamp': 27, '/event/created_at': 4, 'The idempotency key': 5 })
    expect(again).toEqual({ read: 101, recorded: 0, duplicates: 65, rejected: 36 })
    expect(events).toHaveLength(56)
    expect(distinct(events.map(event => event.action))).toBe(50)
  })

  it('is the same without what the collection put around the records', async () => {
    const { first, events } = await importTwice(github, file.records)
    expect(first).toEqual({ read: 101, recorded: 56, duplicates: 9, rejected: 36 })
    const wrapped = await importTwice(github, file.path)
    expect(events.map(event => event.source)).toEqual(wrapped.events.map(event => event.source))
  })

  it('has the numbers that were counted in the file', () => {
    expect(drafts).toHaveLength(70)
    expect(distinct(drafts.map(draft => draft.action))).toBe(53)
    const ids = drafts.map(draft => draft.source?.id ?? '').filter(id => !id.startsWith('sha256:'))
    expect([ids.length, distinct(ids)]).toEqual([18, 11])
    expect(distinct(drafts.map(draft => draft.tenant))).toBe(9)
    expect(drafts.filter(draft => draft.tenant === undefined)).toHaveLength(4)
    expect(drafts.filter(draft => (draft.outcome as Outcome).result === 'failure')).toHaveLength(2)
    expect(drafts.filter(draft => draft.actor?.id === '')).toHaveLength(1)
    expect(drafts.filter(draft => draft.actor?.type === 'bot')).toHaveLength(2)
    expect(drafts.filter(draft => draft.actor?.credential !== undefined)).toHaveLength(2)
    expect(drafts.filter(draft => draft.origin?.ip !== undefined)).toHaveLength(3)
    expect(drafts.filter(draft => draft.origin?.userAgent !== undefined)).toHaveLength(3)
    expect(drafts.filter(draft => draft.targets?.some(({ type }) => type === 'repo') === true)).toHaveLength(
      51,
    )
    expect(drafts.filter(draft => draft.notes !== undefined)).toHaveLength(26)
  })

  it('loses nothing: every text, number and flag of a record is somewhere in its draft', () => {
    for (const { record, draft } of all) {
      // Said in another way: the time.
      const times = new Set([record['@timestamp'], record['created_at']])
      expect(lost(record, draft).filter(leaf => !times.has(leaf))).toEqual([])
    }
  })
})
