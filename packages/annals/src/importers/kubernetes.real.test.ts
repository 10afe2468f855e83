import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, type Draft, normalizeDraft } from '../model/index.ts'
import { ImportReject } from './importer.ts'
import { kubernetes } from './kubernetes.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'panther/amazon-eks-audit.ndjson')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

describe.skipIf(missing)(`records of panther/amazon-eks-audit.ndjson${skipped}`, () => {
  // Each line wraps the audit event; that is the collection's form, not Kubernetes'.
  const events = readLines().map(line => (line as { event: Record<string, unknown> }).event)
  const sorted = (records: readonly unknown[]): Record<string, number> => {
    const found: Record<string, number> = {}
    for (const record of records) {
      const outcome = convertOrReason(record)
      const key = typeof outcome === 'string' ? (outcome.split(':')[0] ?? '') : 'converted'
      found[key] = (found[key] ?? 0) + 1
    }
    return found
  }

  it('converts those that are whole, and rejects excerpts by what they lack', () => {
    expect(events).toHaveLength(270)
    expect(sorted(events)).toMatchInlineSnapshot(`
      {
        "/auditID": 243,
        "/requestReceivedTimestamp": 9,
        "/verb": 4,
        "converted": 14,
      }
    `)
  })

  it('converts every audit event once the id and time that the excerpts leave out are there', () => {
    const completed = events
      .filter(event => event['verb'] !== undefined)
      .map(
        (event, at): Record<string, unknown> => ({
          requestReceivedTimestamp: '2026-01-01T00:00:00Z',
          ...event,
          auditID: `x-${at}`,
        }),
      )
    const drafts = completed.map(event => kubernetes.convert(event)[0] as Draft)
    expect(drafts).toHaveLength(177)
    for (const draft of drafts) {
      const { notes } = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 })
      expect(notes).toEqual(draft.notes)
    }
    for (const [at, draft] of drafts.entries()) {
      const code = (completed[at]?.['responseStatus'] as { code?: number } | undefined)?.code
      const wanted =
        code === undefined ? 'unknown' : code === 403 ? 'denied' : code < 400 ? 'success' : 'failure'
      expect((draft.outcome as { result: string }).result).toBe(wanted)
    }
    expect(new Set(drafts.map(draft => draft.action)).size).toMatchInlineSnapshot(`54`)
  })
})

function convertOrReason(record: unknown): readonly Draft[] | string {
  try {
    return kubernetes.convert(record)
  } catch (error) {
    if (error instanceof ImportReject) return error.message
    throw error
  }
}

function readLines(): readonly unknown[] {
  if (missing) return []
  const lines = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter(line => line !== '')
  return lines.map((line): unknown => JSON.parse(line))
}
