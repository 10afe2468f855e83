import type { LocalTrail } from 'annals'
import type { AuditEvent } from 'annals/model'
import { FULL_SCOPE } from 'annals/query'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryTrail } from '../testing/memory-trail.ts'
import type { Principal } from './principal.ts'
import { ReadingRecord } from './reading-record.ts'

const ALICE: Principal = {
  actor: { type: 'user', id: 'alice' },
  role: 'operator',
  permissions: new Set(),
  scope: FULL_SCOPE,
  own: false,
  credential: 'key:a',
  origin: { ip: '10.0.0.1', requestId: 'r1' },
}

describe('the record of reading', () => {
  let trail: LocalTrail
  let now: number
  let lines: string[]
  let reading: ReadingRecord
  const recorded = async (): Promise<readonly AuditEvent[]> =>
    (await trail.find('action:log.access', { order: 'asc', limit: 1_000 })).events

  beforeEach(async () => {
    trail = await memoryTrail()
    now = Date.parse('2026-03-01T12:00:00Z')
    lines = []
    reading = new ReadingRecord(trail, pino({}, { write: line => lines.push(line) }), () => now)
  })
  afterEach(() => trail.close())

  it('says who read what, from where, and in which way', async () => {
    await reading.record(ALICE, 'list', { query: 'actor:bob' })
    expect(await recorded()).toMatchObject([
      {
        actor: { type: 'user', id: 'alice' },
        origin: { ip: '10.0.0.1', requestId: 'r1' },
        visibility: 'operator',
        data: { kind: 'list', query: 'actor:bob' },
      },
    ])
  })

  it('has one question once a minute, by credential, kind and the whole of what is asked', async () => {
    const long = 'x'.repeat(800)
    const ask = async (): Promise<void> => {
      await reading.record(ALICE, 'list', { query: 'a' })
      await reading.record(ALICE, 'list', { query: 'b' })
      await reading.record(ALICE, 'count', { query: 'a' })
      await reading.record(ALICE, 'list', { query: `${long}1` })
      await reading.record(ALICE, 'list', { query: `${long}2` })
      await reading.record({ ...ALICE, credential: 'key:b' }, 'list', { query: 'a' })
    }
    await Promise.all([ask(), ask()])
    now += 59_999
    await ask()
    expect(await recorded()).toHaveLength(6)
    now += 1
    await ask()
    expect(await recorded()).toHaveLength(12)
  })

  it('has every export, and never own reading', async () => {
    for (let n = 0; n < 3; n++) await reading.record(ALICE, 'export', { query: 'a' })
    for (const kind of ['list', 'export', 'stream'] as const)
      await reading.record({ ...ALICE, own: true }, kind, { query: 'a' })
    expect((await recorded()).map(event => (event.data as { kind: string }).kind)).toEqual([
      'export',
      'export',
      'export',
    ])
  })

  it('keeps the beginning of a long question, whatever is in it', async () => {
    await reading.record(ALICE, 'list', { query: `${'x'.repeat(499)}😀${'y'.repeat(1_400)}`, at: 7 })
    await reading.record(ALICE, 'list', { query: 'half \ud800 a character' })
    const [long, half] = await recorded()
    expect(long?.data).toEqual({ kind: 'list', query: `${'x'.repeat(499)}…`, at: 7 })
    expect(half?.data).toEqual({ kind: 'list', query: 'half \ufffd a character' })
  })

  it('is a condition of exports, and of nothing else: what fails is logged, without what was asked', async () => {
    await trail.close()
    await expect(reading.record(ALICE, 'export', { query: 's3cret' })).rejects.toMatchObject({
      code: 'ANNALS_CLOSED',
    })
    await reading.record(ALICE, 'list', { query: 's3cret' })
    await reading.record(ALICE, 'list', { query: 's3cret' })
    expect(lines).toHaveLength(2)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ kind: 'list', code: 'ANNALS_CLOSED' })
    expect(lines.join('')).not.toContain('s3cret')
    trail = await memoryTrail()
  })
})
