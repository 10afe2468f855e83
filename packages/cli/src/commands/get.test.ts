import { beforeAll, expect, test } from 'vitest'
import { eventsOf, recordInto } from '../testing/log.ts'
import { annals } from '../testing/spawn.ts'
import { temporaryDirectory } from '../testing/temporary.ts'

const dir = temporaryDirectory()
let id = ''

beforeAll(async () => {
  const draft = {
    action: 'machine.update',
    actor: { type: 'user', id: 'u1', name: 'alice' },
    targets: [{ type: 'machine', id: 'm1', name: 'web-3' }],
    changes: [{ path: '/state', op: 'replace', before: 'running', after: 'stopped' }],
  }
  const [receipt] = await recordInto(dir(), [draft])
  id = receipt?.id ?? ''
})

test('sentence, fields and changes', async () => {
  const { code, stdout } = await annals(['get', id, '--dir', dir(), '--tz', 'UTC'], {
    env: { LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
  })
  expect(code).toBe(0)
  expect(stdout).toContain('actor          alice (user/u1)')
  expect(stdout).toContain('/state  running → stopped')
  expect(stdout).toContain(id)
})

test('--raw and -o json are the whole event; a position does as well', async () => {
  const raw: unknown = JSON.parse((await annals(['get', id, '--dir', dir(), '--raw'])).stdout)
  const [event] = JSON.parse((await annals(['get', id, '--dir', dir(), '-o', 'json'])).stdout) as {
    index: number
  }[]
  expect(raw).toEqual(event)
  expect(
    eventsOf((await annals(['get', String(event?.index), '--dir', dir(), '-o', 'ndjson'])).stdout),
  ).toEqual([event])
})

test('what is not there: exit 4; what is, is shown all the same', async () => {
  const { code, stdout, stderr } = await annals([
    'get',
    id,
    '019a0000-0000-7000-8000-000000000000',
    '--dir',
    dir(),
    '-o',
    'ndjson',
  ])
  expect(code).toBe(4)
  expect(eventsOf(stdout)).toHaveLength(1)
  expect(stderr).toContain('019a0000-0000-7000-8000-000000000000')
})
