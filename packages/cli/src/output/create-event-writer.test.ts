import type { AuditEvent } from 'annals/model'
import { describe, expect, test } from 'vitest'
import { captureOutput, type Pretended } from '../testing/capture.ts'
import { eventOf } from '../testing/events.ts'
import { createEventWriter, type EventWriterOptions } from './create-event-writer.ts'
import { widthOf } from './width.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const ESC = '\u001b'

async function shown(
  events: readonly AuditEvent[],
  given: Partial<EventWriterOptions> = {},
  pretended: Pretended = {},
): Promise<string> {
  const { output, stdout } = captureOutput(pretended)
  const view = {
    describe: (event: AuditEvent) => `${event.actor.name} deleted machine ${event.targets[0]?.name}`,
    zone: 'UTC',
    now: () => NOW,
  }
  const writer = createEventWriter({
    format: undefined,
    fields: undefined,
    header: false,
    csvRaw: false,
    output,
    view,
    ...given,
  })
  for (const event of events) await writer.write(event)
  await writer.end()
  return stdout.text
}

const EVENTS: readonly AuditEvent[] = [
  eventOf(),
  eventOf({
    index: 1,
    id: '019a7c1e-7a52-7d0c-b3b1-f0e8a4d11001',
    outcome: { result: 'failure' },
    occurredAt: '2026-11-20T11:02:41.318Z',
    actor: { type: 'service', id: 'svc-1', name: 'a-nightly-job-with-a-name-that-goes-on-and-on' },
    targets: [{ type: 'machine', id: 'm', name: 'web-server-number-three-in-rack-four-of-hall-seven' }],
    origin: { ip: '2001:db8:1234:5678:9abc:def0:1234:5678' },
  }),
]

describe('nothing to show', () => {
  test.each([
    ['json', '[]\n'],
    ['ndjson', ''],
    ['tsv', ''],
    ['table', ''],
    ['sentence', ''],
    ['id', ''],
  ] as const)('%s', async (format, text) => {
    expect(await shown([], { format })).toBe(text)
  })
  test('csv has its header', async () => {
    expect(await shown([], { format: 'csv', fields: ['id', 'actor.id'] })).toBe('id,actor.id\r\n')
  })
})

describe('in a pipe', () => {
  test('tab-separated full values, UTC, no header, no escape bytes', async () => {
    expect(await shown([eventOf()])).toBe(
      '2026-11-21T11:02:41.318Z\tsuccess\tuser/u-1\tmachine.delete\tmachine/0f3c\t10.4.7.9\t019a7c1e-7a52-7d0c-b3b1-f0e8a4d11000\n',
    )
  })
  test('a header when asked for', async () => {
    expect((await shown([eventOf()], { header: true })).split('\n')[0]).toBe(
      'TIME\tOUTCOME\tACTOR\tACTION\tTARGET\tIP\tID',
    )
  })
  test('hostile names are escaped and keep to their column', async () => {
    const text = await shown([eventOf({ actor: { type: 'user', id: `${ESC}]0;owned\u0007\tx\ny` } })])
    expect(text).not.toContain(ESC)
    expect(text.split('\n')).toHaveLength(2)
    expect(text.split('\t')).toHaveLength(7)
    expect(text).toContain('user/\\u{1b}]0;owned\\u{7}\\tx\\ny')
  })
})

describe.each([80, 120])('on a terminal of %i columns', columns => {
  const tty: Pretended = { isTTY: true, columns, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } }
  test('every line fits', async () => {
    for (const line of (await shown(EVENTS, {}, tty)).split('\n'))
      expect(widthOf(line)).toBeLessThanOrEqual(columns)
  })
  test('outcome and time are never cut', async () => {
    const [, first, second] = (await shown(EVENTS, {}, tty)).split('\n')
    expect(first).toMatch(/^11:02:41\.318 {2,}success /)
    expect(second).toMatch(/^2026-11-20 11:02:41 {2}failure /)
  })
  test('identifiers keep both ends', async () => {
    expect(await shown(EVENTS, {}, tty)).toMatch(/019a.*….*1001$/m)
  })
  test('NO_COLOR leaves no escape byte', async () => {
    expect(await shown(EVENTS, {}, tty)).not.toContain(ESC)
  })
})

test('a narrow terminal without UTF-8 cuts with dots', async () => {
  const text = await shown(EVENTS, {}, { isTTY: true, columns: 80, env: { LANG: 'C', NO_COLOR: '1' } })
  expect(text).toContain('..')
  expect(text).not.toContain('…')
})

test('colour is on the outcome', async () => {
  const text = await shown(EVENTS, {}, { isTTY: true, columns: 120 })
  expect(text).toContain(`${ESC}[32msuccess`)
  expect(text).toContain(`${ESC}[31mfailure`)
})

test('the head names columns and zone', async () => {
  const [head] = (await shown([eventOf()], {}, { isTTY: true, columns: 120, env: { NO_COLOR: '1' } })).split(
    '\n',
  )
  expect(head?.split(/ {2,}/)).toEqual(['TIME (UTC)', 'OUTCOME', 'ACTOR', 'WHAT', 'TARGET', 'IP', 'ID'])
})

test('the sentence without actor and target is what happened', async () => {
  expect(await shown([eventOf()], {}, { isTTY: true, columns: 120 })).toContain(
    'deleted machine  machine/web-3',
  )
})

test('wide cuts nothing', async () => {
  const text = await shown(EVENTS, { format: 'wide' }, { isTTY: true, columns: 80 })
  expect(text).toContain('a-nightly-job-with-a-name-that-goes-on-and-on')
  expect(text).toContain('019a7c1e-7a52-7d0c-b3b1-f0e8a4d11001')
})

describe('json', () => {
  test('is one array of whole events', async () => {
    expect(JSON.parse(await shown(EVENTS, { format: 'json' }))).toEqual(EVENTS)
  })
  test('ndjson is one object a line', async () => {
    expect(
      (await shown(EVENTS, { format: 'ndjson' }))
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual(EVENTS)
  })
  test('fields pick members by path', async () => {
    const text = await shown([eventOf()], {
      format: 'ndjson',
      fields: ['id', 'actor.name', 'tags.env', 'sentence'],
    })
    expect(JSON.parse(text)).toEqual({
      id: eventOf().id,
      'actor.name': 'alice',
      'tags.env': null,
      sentence: 'alice deleted machine web-3',
    })
  })
  test('control characters are escaped, the value is kept', async () => {
    const event = eventOf({ description: `${ESC}[31m\u202e` })
    const text = await shown([event], { format: 'ndjson' })
    expect(text).not.toContain(ESC)
    expect(text).not.toContain('\u202e')
    expect(JSON.parse(text)).toEqual(event)
  })
})

describe('csv', () => {
  const hostile = eventOf({ actor: { type: 'user', id: '=HYPERLINK("http://x")', name: ' +1' } })
  test('formulas are guarded', async () => {
    expect(await shown([hostile], { format: 'csv', fields: ['actor.id', 'actor.name'] })).toBe(
      `actor.id,actor.name\r\n"'=HYPERLINK(""http://x"")",' +1\r\n`,
    )
  })
  test.each([{ csvRaw: false }, { csvRaw: true }])('control characters are escaped: %j', async given => {
    const event = eventOf({ actor: { type: 'user', id: `a${ESC}[2J\u009b\u007f\tb\nc` } })
    expect(await shown([event], { format: 'csv', fields: ['actor.id'], ...given })).toBe(
      'actor.id\r\n"a\\u{1b}[2J\\u{9b}\\u{7f}\tb\nc"\r\n',
    )
  })
  test('--csv-raw leaves them', async () => {
    expect(await shown([hostile], { format: 'csv', fields: ['actor.id'], csvRaw: true })).toContain(
      '"=HYPERLINK(',
    )
  })
})

test('id and sentence are one a line', async () => {
  expect(await shown([eventOf()], { format: 'id' })).toBe(`${eventOf().id}\n`)
  expect(await shown([eventOf()], { format: 'sentence' })).toBe('alice deleted machine web-3\n')
})

test('an unknown field is an error that names the nearest', () => {
  expect(() =>
    createEventWriter({ format: 'json', fields: ['actr.id'] } as unknown as EventWriterOptions),
  ).toThrow()
})
