import { describe, expect, test } from 'vitest'
import type { Context } from '../context.ts'
import { captureOutput } from '../testing/capture.ts'
import { askedOf } from './asked.ts'
import type { QueryFlags } from './query-flags.ts'

const NOW = new Date('2026-11-21T12:00:00Z')

async function asked(terms: readonly string[], flags: QueryFlags, env: Record<string, string> = {}) {
  const { output, stderr } = captureOutput()
  const context = { output, env, now: () => NOW } as unknown as Context
  return { ...(await askedOf(context, terms, { tz: 'UTC', ...flags })), stderr: stderr.text }
}

test('words of the query are joined, and the text is canonical', async () => {
  expect((await asked(['user:alice', ' -outcome:success'], {})).text).toBe('actor:alice -outcome:success')
})

test('flags are sugar: all of them hold, beside the query', async () => {
  const flags = {
    action: ['machine.*'],
    actor: ['a', '!b'],
    tag: ['env=prod'],
    failed: true,
    after: '24h',
  } as const
  const { text } = await asked(['"rack 4"'], flags)
  expect(text).toBe('"rack 4" actor:a -actor:b action:machine.* tag.env=prod is:failed after:24h')
})

test('a flag cannot widen the query', async () => {
  expect((await asked(['actor:a'], { actor: ['b'] })).text).toBe('actor:a AND actor:b')
})

test('nothing asked is everything', async () => {
  expect(await asked([], {})).toMatchObject({ text: '', includeLog: false, stderr: '' })
})

describe('stderr says', () => {
  test('which zone a time without one was read in', async () => {
    expect((await asked([], { during: '2026-03', tz: 'Europe/Berlin' })).stderr).toContain('Europe/Berlin')
    expect((await asked(['recorded:2026-03-01..2026-04-01'], {})).stderr).toContain('read in UTC')
    expect((await asked(['after:2026-03-01T00:00:00Z before:now-1h'], {})).stderr).toBe('')
  })
  test('the zone of the environment', async () => {
    const { output, stderr } = captureOutput()
    await askedOf(
      { output, env: { ANNALS_TZ: 'Asia/Tokyo' }, now: () => NOW } as unknown as Context,
      ['after:yesterday'],
      {},
    )
    expect(stderr.text).toContain('Asia/Tokyo')
  })
  test('what is probably not meant', async () => {
    expect((await asked(['outcome:succes'], {})).stderr).toContain('did you mean success?')
  })
  test('the query, when asked', async () => {
    expect((await asked([], { failed: true, showQuery: true })).stderr).toBe('is:failed\n')
  })
})

describe('errors', () => {
  test('of the query show their place', async () => {
    await expect(asked(['actor:a outcom:success'], {})).rejects.toMatchObject({
      exit: 2,
      code: 'ANNALS_QUERY',
      shown: ['actor:a outcom:success', '        ^^^^^^'],
    })
  })
  test('of a time flag name the flag', async () => {
    await expect(asked([], { after: 'soon' })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('--after'),
    })
  })
  test('of a zone name it', async () => {
    await expect(asked([], { tz: 'Mars/Base' })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('Mars/Base'),
    })
  })
})
