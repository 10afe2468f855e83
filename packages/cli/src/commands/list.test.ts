import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { widthOf } from '../output/width.ts'
import { run } from '../run.ts'
import { captureProcess } from '../testing/capture.ts'
import { eventsOf, recordInto, someDrafts } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectory } from '../testing/temporary.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const COUNT = 120
const dir = temporaryDirectory()

beforeAll(async () => {
  const hostile = {
    action: 'test.hostile',
    actor: { type: 'user', id: 'evil', name: '\u001b]0;owned\u0007\u202e' },
    description: '=1+1',
  }
  await recordInto(dir(), [...someDrafts(COUNT - 1), hostile])
})

async function list(words: readonly string[]): Promise<Awaited<ReturnType<typeof annals>>> {
  return await annals(['list', '--dir', dir(), ...words])
}

async function positions(words: readonly string[]): Promise<number[]> {
  const { code, stdout } = await list([...words, '-o', 'ndjson'])
  expect(code).toBe(0)
  return eventsOf(stdout).map(event => event.index)
}

describe('which events', () => {
  test('the newest 50 by default, newest first', async () => {
    const all = await positions(['--limit', '0'])
    expect(all).toHaveLength(COUNT)
    expect(all).toEqual(all.toSorted((a, b) => b - a))
    expect(await positions([])).toEqual(all.slice(0, 50))
  })
  test('--reverse is the same from the other end', async () => {
    const all = await positions(['--limit', '0'])
    expect(await positions(['--limit', '0', '--reverse'])).toEqual(all.toReversed())
    expect(await positions(['--limit', '3', '--reverse'])).toEqual(all.toReversed().slice(0, 3))
  })
  test('flags and query text give the same', async () => {
    const byFlag = await positions(['--limit', '0', '--actor', 'u1', '--outcome', '!denied'])
    expect(byFlag).toEqual(await positions(['--limit', '0', 'actor:u1', '-outcome:denied']))
    expect(byFlag.length).toBeGreaterThan(10)
  })
  test('relative times have no hidden window', async () => {
    expect(await positions(['--after', '24h', '--limit', '0'])).toHaveLength(COUNT)
    expect(await positions(['--before', '24h'])).toEqual([])
  })
  test('--include-log adds the events of the log itself', async () => {
    expect((await positions(['--limit', '0', '--include-log'])).length).toBeGreaterThanOrEqual(COUNT)
  })
  test('the printed cursor goes on without gap or repeat', async () => {
    const { stdout, stderr } = await list(['--limit', '70', '-o', 'ndjson', '-v'])
    expect(stderr).toContain('there are more')
    expect(eventsOf(stdout)).toHaveLength(70)
  })
})

describe('nothing found', () => {
  test.each([
    ['json', '[]\n'],
    ['ndjson', ''],
    ['tsv', ''],
  ])('%s', async (format, stdout) => {
    expect(await list(['actor:nobody', '-o', format])).toEqual({ code: 0, stdout, stderr: '' })
  })
})

describe('in a pipe', () => {
  test('tab-separated, full ids, no escape byte', async () => {
    const { stdout } = await list(['--limit', '0'])
    const rows = stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(COUNT)
    expect(rows.every(row => row.split('\t').length === 7 && /\t[0-9a-f-]{36}$/.test(row))).toBe(true)
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\u202e')
  })
  test('a reader that goes away is no error and leaves no message', async () => {
    const shell = `"$0" --conditions=annals-source --no-warnings "$1" list --dir "$2" --limit 0 -o ndjson | head -1; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', shell, process.execPath, MAIN, dir()])
    const [event, exit] = stdout.trim().split('\n')
    expect(JSON.parse(event ?? '')).toHaveProperty('id')
    expect([exit, stderr]).toEqual(['0', ''])
  })
  test('csv guards formulas', async () => {
    const { stdout } = await list(['action:test.hostile', '-o', 'csv', '--fields', 'description'])
    expect(stdout).toBe("description\r\n'=1+1\r\n")
  })
})

describe.each([80, 120])('on a terminal of %i columns', columns => {
  test('every line fits, and names cannot act on it', async () => {
    const process = captureProcess({ isTTY: true, columns, env: { LANG: 'C.UTF-8', NO_COLOR: '1' } })
    expect(await run(['list', '--dir', dir(), '--tz', 'UTC'], process)).toBe(0)
    const lines = process.stdout.text.trimEnd().split('\n')
    expect(lines).toHaveLength(51)
    expect(lines[0]).toMatch(/^TIME \(UTC\) +OUTCOME +ACTOR +WHAT +TARGET/)
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
    expect(process.stdout.text).not.toContain('\u001b')
    expect(process.stderr.text).toContain('50 events; there are more')
  })
})

describe('--expect', () => {
  test.each([
    ['none', 'actor:nobody', 0],
    ['none', 'actor:u1', 10],
    ['some', 'actor:u1', 0],
    ['some', 'actor:nobody', 10],
    [String(COUNT), '', 0],
    ['50', '', 10],
    ['1', 'action:test.hostile', 0],
  ])('%s for %j: exit %i', async (expected, query, code) => {
    expect((await list(['--expect', expected, query])).code).toBe(code)
  })
})

test('a bad cursor is a mistake', async () => {
  expect((await list(['--cursor', 'nonsense'])).code).toBe(2)
})

test('no directory: exit 4, and how to make one', async () => {
  const { code, stdout, stderr } = await annals(['list', '--dir', '/nowhere/at/all'])
  expect([code, stdout]).toEqual([4, ''])
  expect(stderr).toContain('annals init')
  const json = await annals(['list', '--dir', '/nowhere/at/all', '-o', 'json'])
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'ANNALS_NOT_FOUND' } })
})
