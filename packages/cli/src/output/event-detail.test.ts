import { expect, test } from 'vitest'
import { eventOf } from '../testing/events.ts'
import { eventDetail } from './event-detail.ts'
import type { Terminal } from './terminal.ts'

const PLAIN: Terminal = { isTTY: false, columns: 80, color: false, unicode: true }
const TTY: Terminal = { ...PLAIN, isTTY: true, color: true }

const event = eventOf({
  outcome: { result: 'failure', code: 'E42', message: 'no \u001b[2J way', durationMs: 42 },
  changes: [
    { path: '/state', op: 'replace', before: 'running', after: 'deleted' },
    { path: '/nics/1', op: 'remove', before: { net: 'admin' } },
    { path: '/password', op: 'replace', masked: true },
  ],
})

test('sentence, fields and changes', () => {
  const text = eventDetail(event, 'alice deleted machine web-3', { terminal: PLAIN, zone: 'Europe/Berlin' })
  expect(text).toMatch(/^alice deleted machine web-3\n/)
  expect(text).toContain('outcome        failure · E42 · no \\u{1b}[2J way · took 42 ms')
  expect(text).toContain('time           2026-11-21 12:02:41.318 CET')
  expect(text).toContain('actor          alice (user/u-1)')
  expect(text).toContain('/state  running → deleted')
  expect(text).toContain('/nics/1  − {"net":"admin"}')
  expect(text).toContain('/password  withheld (replace)')
  expect(text).not.toContain('\u001b')
})

test('colour on outcome and changes', () => {
  const text = eventDetail(event, 's', { terminal: TTY, zone: 'UTC' })
  expect(text).toContain('\u001b[31mfailure')
  expect(text).toContain('\u001b[31m− ')
})

test('long values are cut on a terminal, whole in a pipe', () => {
  const long = eventOf({ actor: { type: 'user', id: 'x'.repeat(10_000) } })
  expect(eventDetail(long, 's', { terminal: TTY, zone: 'UTC' })).not.toContain('x'.repeat(201))
  expect(eventDetail(long, 's', { terminal: PLAIN, zone: 'UTC' })).toContain('x'.repeat(10_000))
})

test('T22: a backfilled event shows both times, who entered it and why', () => {
  const backfilled = eventOf({
    occurredAt: '2020-02-29T10:00:00.000Z',
    recordedAt: '2026-02-03T09:00:01.000Z',
    backfill: { by: 'op-7', basis: 'ticket 12', enteredAt: '2026-02-03T09:00:00.000Z' },
  })
  const text = eventDetail(backfilled, 's', { terminal: PLAIN, zone: 'UTC' })
  expect(text).toContain('time           2020-02-29 10:00:00.000 UTC')
  expect(text).toContain('recorded       2026-02-03 09:00:01.000 UTC')
  expect(text).toContain('backfill       entered by op-7 at 2026-02-03 09:00:00.000 UTC · ticket 12')
})
