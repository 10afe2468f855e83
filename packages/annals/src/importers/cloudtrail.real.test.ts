import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, type Draft, normalizeDraft } from '../model/index.ts'
import { cloudtrail } from './cloudtrail.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'aws-cloudtrail-invictus.ndjson')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

describe.skipIf(missing)(`real records of aws-cloudtrail-invictus.ndjson${skipped}`, () => {
  const records = readLines() as readonly Record<string, Record<string, string>>[]
  const drafts = records.flatMap(record => cloudtrail.convert(record))
  const distinct = (of: (draft: Draft) => unknown): number => new Set(drafts.map(of)).size
  const outcome = (draft: Draft): { result: string; code?: string } =>
    draft.outcome as { result: string; code?: string }

  it('has the numbers that were counted in the file', () => {
    expect(drafts).toHaveLength(2900)
    expect(distinct(draft => draft.source?.id)).toBe(2900)
    expect(distinct(draft => draft.action)).toBe(262)
    expect(distinct(draft => draft.tenant)).toBe(1)
    expect(distinct(draft => draft.occurredAt)).toBe(595)
    expect(drafts.filter(draft => outcome(draft).result !== 'success')).toHaveLength(300)
    expect(drafts.filter(draft => outcome(draft).code === 'ThrottlingException')).toHaveLength(102)
    expect(drafts.filter(draft => outcome(draft).result === 'denied')).toHaveLength(60)
    expect(drafts.filter(draft => draft.occurredAt === '2023-07-10T12:07:57.000Z')).toHaveLength(110)
    expect(drafts[0]?.occurredAt).toBe('2023-07-10T11:42:18.000Z')
    expect(drafts.at(-1)?.occurredAt).toBe('2023-07-10T12:37:50.000Z')
  })

  it('has 16 actors as AWS counts (type and ARN), and each service apart', () => {
    const awsActor = (draft: Draft): string => {
      const { type } = (draft.data as { userIdentity: { type?: string } }).userIdentity
      return `${type} ${draft.actor?.id.startsWith('arn:') === true ? draft.actor.id : ''}`
    }
    expect(distinct(awsActor)).toBe(16)
    const services = drafts.filter(draft => draft.actor?.type === 'service')
    expect(services).toHaveLength(76)
    expect(new Set(services.map(draft => draft.actor?.id)).size).toBe(7)
    expect(distinct(draft => draft.actor?.id)).toBe(14 + 7)
  })

  it('is what a recorder takes', () => {
    for (const draft of drafts) {
      const { notes } = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
      expect(notes).toEqual(draft.notes)
    }
  })

  it('loses nothing: every text, number and flag of a record is somewhere in its draft', () => {
    for (const [at, record] of records.entries()) {
      const draft = JSON.stringify(drafts[at])
      const missing = leaves(record).filter(
        leaf => !draft.includes(typeof leaf === 'string' ? JSON.stringify(leaf).slice(1, -1) : String(leaf)),
      )
      // Said in another way: the time, the source and name of the action, the principal of a session.
      const said = new Set([
        record['eventTime'],
        record['eventSource'],
        record['eventName'],
        record['userIdentity']?.['principalId'],
      ] as unknown[])
      expect(missing.filter(leaf => !said.has(leaf))).toEqual([])
    }
  })

  it('does not repeat who acted in data, so that it can be erased', () => {
    for (const draft of drafts) {
      const left = JSON.stringify((draft.data as { userIdentity: unknown }).userIdentity)
      if (draft.actor?.type === 'user') expect(left).not.toContain(draft.actor.name)
      if (draft.actor?.credential !== undefined) expect(left).not.toContain(draft.actor.credential.id)
    }
  })
})

function leaves(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? [] : [value]
  return Object.values(value).flatMap(leaves)
}

function readLines(): readonly unknown[] {
  if (missing) return []
  const lines = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter(line => line !== '')
  return lines.map((line): unknown => JSON.parse(line))
}
