import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashLookup, openTrail } from 'annals'
import { createPolicy } from 'annals/policy'
import { expect, test } from 'vitest'
import { recordInto } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

const GOOD = `
rules:
  - name: reads
    match: { action: '**.read' }
    capture: none
  - name: logins
    match: { action: user.login }
    capture: metadata
preset: mutating
`

function fileWith(text: string): string {
  const file = join(temporary(), 'policy.yaml')
  writeFileSync(file, text)
  return file
}

test('check shows what the rules do', async () => {
  const { code, stdout } = await annals(['policy', 'check', fileWith(GOOD)])
  expect(code).toBe(0)
  expect(stdout.split('\n')[0]).toBe('reads\tnone\toperation\tstored\trefuse\t')
  expect(stdout).toContain('otherwise\tfull')
})

test.each([
  ['rules:\n  - name: a\n    captur: none\n', ':3:5: /rules/0/captur: unknown key'],
  [
    'rules:\n  - name: a\n    match:\n      route: [/a, b]\n',
    ':4:19: /rules/0/match/route/1: must be a route',
  ],
  ['rules:\n  - capture: none\n', ':2:5: /rules/0/name: must be a text'],
  ['rules: [\n', ':2:1: '],
  ['preset: all\npreset: none\n', ':2:1: Map keys must be unique'],
  ['{"rules": [], "x": 1}', ':1:15: /x: unknown key'],
])('check names the place of a mistake: %j', async (text, expected) => {
  const file = fileWith(text)
  const { code, stdout } = await annals(['policy', 'check', file])
  expect(code).toBe(1)
  expect(stdout).toContain(`${file}${expected}`)
})

test('a file that is not there, and a policy that is none, are told apart', async () => {
  expect((await annals(['policy', 'check', join(temporary(), 'no')])).code).toBe(4)
  const { code, stderr } = await annals(['policy', 'simulate', fileWith('rules: 1'), '--dir', temporary()])
  expect([code, stderr]).toEqual([1, expect.stringContaining(':1:1: /rules: must be a list')])
})

test('simulate counts what would have been kept, reduced, dropped and masked, by rule', async () => {
  const dir = temporary()
  await recordInto(dir, [
    { action: 'file.read' },
    { action: 'user.login', data: { password: 'x' } },
    { action: 'user.login', tags: { token: 'x' } },
    { action: 'machine.update', data: { nested: [{ apiKey: 'x' }] } },
    { action: 'machine.find', tags: { 'http.request.method': 'POST', 'http.route': '/v1/machine/find' } },
  ])
  const { code, stdout } = await annals(['policy', 'simulate', fileWith(GOOD), '--dir', dir, '-o', 'json'])
  expect(code).toBe(0)
  const none = { kept: 0, reduced: 0, dropped: 0, masked: 0 }
  expect(JSON.parse(stdout)).toEqual([
    { ...none, rule: 'reads', capture: 'none', dropped: 1 },
    { ...none, rule: 'logins', capture: 'metadata', reduced: 2, masked: 1 },
    { ...none, rule: 'mutating.asks', capture: 'none', dropped: 1 },
    { ...none, rule: 'mutating.change', capture: 'full' },
    { ...none, rule: 'mutating.read', capture: 'none' },
    { ...none, rule: 'otherwise', capture: 'full', kept: 1, masked: 1 },
  ])
})

test('hash prints what finds the events of a masked value; from standard input, too', async () => {
  const dir = temporary()
  const capture = createPolicy({ mask: { names: { email: 'hash' } } })
  const trail = await openTrail({ dir, capture })
  await trail.record('user.login', { tags: { email: 'a@b.c' } })
  await trail.close()
  const { stdout } = await annals(['hash', 'a@b.c', '--dir', dir])
  expect(stdout).toBe(`${await hashLookup({ dir, value: 'a@b.c' })}\n`)
  expect((await annals(['hash', '-', '--dir', dir], { stdin: 'a@b.c\n' })).stdout).toBe(stdout)
  expect((await annals(['list', `"${stdout.trim()}"`, '--dir', dir, '-o', 'ndjson'])).stdout).toContain(
    'user.login',
  )
  expect((await annals(['hash', 'a', '--period', 'May', '--dir', dir])).code).toBe(2)
  expect((await annals(['hash', 'a', '--dir', temporary()])).code).toBe(4)
})
