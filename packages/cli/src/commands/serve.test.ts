import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../testing/server.ts'
import { annals, finished, startAnnals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

function ask(url: string, path: string, token: string, body?: object): Promise<Response> {
  return fetch(`${url}${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
}

test('one line says where and, on the first start of a directory only, with which key; SIGTERM ends it with 0', async () => {
  const dir = join(temporary(), 'log')
  const first = await startServer(['serve', '--dir', dir])
  expect(first.key).toMatch(/^annals_[\da-f]{16}_/)
  const key = first.key as string
  const draft = { action: 'hello.world', actor: { type: 'user', id: 'me' } }
  expect((await ask(first.url, '/v1/events', key, draft)).status).toBe(201)
  const { code, stdout, stderr } = await first.stop()
  expect(code).toBe(0)
  expect(stdout.trimEnd().split('\n')).toEqual([JSON.stringify({ url: first.url, key })])
  expect(stderr).not.toContain(key)

  const second = await startServer(['serve', '--dir', dir])
  expect(second.key).toBeUndefined()
  const answer = (await (await ask(second.url, '/v1/events', key)).json()) as { events: { action: string }[] }
  expect(answer.events.map(event => event.action)).toContain('hello.world')
  const ended = await second.stop('SIGINT')
  expect(ended.code).toBe(0)
  expect(JSON.parse(ended.stdout)).toEqual({ url: second.url })
  // Nobody holds the log any more.
  expect((await annals(['emit', '--dir', dir, '--action', 'after.it'])).code).toBe(0)
})

test('without -o json: address and key are data, and the key is in no note', async () => {
  const dir = join(temporary(), 'log')
  const child = startAnnals(['serve', '--dir', dir, '--port', '0'])
  const done = finished(child)
  const text = await new Promise<string>(resolve => {
    let seen = ''
    child.stderr.on('data', chunk => {
      seen += String(chunk)
      if (seen.includes('annals list')) resolve(seen)
    })
  })
  child.kill('SIGTERM')
  const { stdout, stderr } = await done
  const [url, key, ...more] = stdout.split('\n')
  expect([url, key]).toEqual([expect.stringMatching(/^http:\/\/127/), expect.stringMatching(/^annals_/)])
  expect(more).toEqual([''])
  expect(text).toContain(`${url}/v1/events`)
  expect(stderr).not.toContain((key as string).slice(-20))
})

test('a port that is taken: exit 7, and the log is free again', async () => {
  const { url } = await startServer(['serve', '--dir', join(temporary(), 'a')])
  const dir = join(temporary(), 'b')
  const { code, stderr } = await annals(['serve', '--dir', dir, '--port', new URL(url).port])
  expect(code).toBe(7)
  expect(stderr).toContain('--port 0')
})

test.each([
  [['--port', 'many'], '', 'flag --port'],
  [['--limits-rat', '5'], '', '--limits-rate'],
  [[], '{"limits":{"bdy":5}}', 'limits.body'],
])('settings %j %s are refused: %s', async (words, content, named) => {
  const home = temporary()
  const file = join(home, 'settings.json')
  if (content !== '') writeFileSync(file, content)
  const config = content === '' ? [] : ['--config', file]
  const { code, stderr } = await annals(['serve', '--dir', join(home, 'log'), ...words, ...config])
  expect(code).toBe(2)
  expect(stderr).toContain(named)
})

test('config show: flag over environment over file, and where each comes from', async () => {
  const file = join(temporary(), 'settings.json')
  writeFileSync(file, JSON.stringify({ port: 1, host: '::1', limits: { rate: 1 } }))
  const { code, stdout } = await annals(['config', 'show', '-o', 'json', '--port', '3'], {
    env: { ANNALS_SERVER_CONFIG: file, ANNALS_SERVER_LIMITS_RATE: '2', ANNALS_DIR: '/var/log/annals' },
  })
  expect(code).toBe(0)
  const rows = JSON.parse(stdout) as { setting: string; value: unknown; from: string }[]
  const row = (name: string): unknown[] => {
    const found = rows.find(one => one.setting === name)
    return [found?.value, found?.from]
  }
  expect(row('port')).toEqual([3, 'flag --port'])
  expect(row('limits.rate')).toEqual([2, 'variable ANNALS_SERVER_LIMITS_RATE'])
  expect(row('host')).toEqual(['::1', file])
  expect(row('dir')).toEqual(['/var/log/annals', 'variable ANNALS_SERVER_DIR'])
  expect(row('limits.streams')).toEqual([2000, 'default'])
})

test('dev: events are shown as they are recorded, and nothing is left behind', async () => {
  const left = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith('annals-dev-'))
  const before = left()
  const server = await startServer(['dev'])
  const draft = { action: 'hello.world', actor: { type: 'user', id: 'me' } }
  const recorded = await ask(server.url, '/v1/events', server.key as string, draft)
  expect(recorded.status).toBe(201)
  expect(JSON.parse(await server.line())).toMatchObject({ action: 'hello.world', actor: { id: 'me' } })
  expect((await server.stop('SIGINT')).code).toBe(0)
  expect(left().filter(name => !before.includes(name))).toEqual([])
})
