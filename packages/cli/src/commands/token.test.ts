import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type SpawnedServer, startServer } from '../testing/server.ts'
import { annals, type Finished } from '../testing/spawn.ts'
import { temporaryDirectory } from '../testing/temporary.ts'

const home = temporaryDirectory()

/** Where a command signs in. */
const configOf = (name: string): string => join(home(), name, 'annals', 'config.json')

async function signedIn(server: SpawnedServer): Promise<(...words: string[]) => Promise<Finished>> {
  const XDG_CONFIG_HOME = join(home(), 'signed-in')
  const env = { XDG_CONFIG_HOME }
  const login = await annals(['login', '--endpoint', `${server.url}/`], { env, stdin: `${server.key}\n` })
  expect([login.code, login.stdout]).toEqual([0, ''])
  expect(login.stderr).toContain('operator')
  expect(login.stderr).not.toContain((server.key as string).slice(-20))
  return async (...words) => await annals(words, { env })
}

test('sign in, make keys, use them, revoke them, sign out', async () => {
  const server = await startServer(['serve', '--dir', join(home(), 'log')])
  const as = await signedIn(server)
  expect(statSync(configOf('signed-in')).mode & 0o777).toBe(0o600)

  const who = await as('whoami', '-o', 'json')
  expect(JSON.parse(who.stdout)).toMatchObject({ endpoint: server.url, role: 'operator' })
  expect((await as('status')).stdout).toMatch(/^recording\thealthy/m)
  const status = await as('status', '-o', 'json')
  expect(status.code).toBe((JSON.parse(status.stdout) as { status: string }).status === 'healthy' ? 0 : 7)

  const made = await as('token', 'create', '--name', 'ci', '--role', 'recorder', '--ttl', '1h')
  expect(made.code).toBe(0)
  expect(made.stdout).toMatch(/^annals_[\da-f]{16}_[\w-]{43}\n$/)
  const token = made.stdout.trim()
  expect(made.stderr).not.toContain(token.slice(-20))
  const id = token.split('_')[1] as string
  const env = { ANNALS_ENDPOINT: server.url, ANNALS_TOKEN: token }
  expect(JSON.parse((await annals(['whoami', '-o', 'json'], { env })).stdout)).toMatchObject({
    role: 'recorder',
    permissions: ['record'],
  })
  // What it may not: exit 3, and the number of the request.
  const refused = await annals(['token', 'list'], { env })
  expect(refused.code).toBe(3)
  expect(refused.stderr).toMatch(/request: \S+/)

  const viewer = await as('token', 'viewer', '--query', 'target:project/42', '--ttl', '5m')
  expect(viewer.code).toBe(0)
  const file = join(home(), 'viewer.token')
  writeFileSync(file, viewer.stdout)
  const seen = await annals(['whoami', '--endpoint', server.url, '--token-file', file, '-o', 'json'])
  expect(JSON.parse(seen.stdout)).toMatchObject({ role: 'viewer', permissions: ['read', 'tail'] })

  const listed = await as('token', 'list', '-o', 'json')
  expect((JSON.parse(listed.stdout) as { name: string }[]).map(key => key.name)).toEqual([
    'administrator',
    'ci',
  ])
  expect((await as('token', 'revoke', id)).code).toBe(0)
  expect((await annals(['whoami'], { env })).code).toBe(3)

  // What works on a directory only does not take the default one for the server.
  const hold = await as('hold', 'list')
  expect(hold.code).toBe(2)
  expect(hold.stderr).toContain('--dir')

  expect((await as('logout')).code).toBe(0)
  expect(readFileSync(configOf('signed-in'), 'utf8')).not.toContain('annals_')
  expect((await as('whoami')).code).toBe(2)

  const ended = await server.stop()
  expect(ended.stderr).not.toContain(token)
  const gone = await annals(['whoami', '-o', 'json'], { env })
  expect(gone.code).toBe(7)
  expect(JSON.parse(gone.stderr)).toMatchObject({ error: { code: 'UNAVAILABLE' } })
})

describe('what goes wrong', () => {
  let stranger = ''
  const asked: string[] = []
  beforeAll(async () => {
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '')
      response.writeHead(request.url?.startsWith('/away') ? 302 : 200, { location: 'http://127.0.0.1:9/' })
      response.end('<p>Hello</p>')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    stranger = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return () => server.close()
  })

  test.each([
    [['whoami'], {}, 2, 'which server'],
    [['whoami', '--endpoint', 'http://annals.example.com'], { ANNALS_TOKEN: 't' }, 2, 'ANNALS_ALLOW_HTTP'],
    [['whoami', '--endpoint', 'ftp://x'], { ANNALS_TOKEN: 't' }, 2, 'not the address'],
    [['whoami', '--endpoint', 'https://me:secret@x'], { ANNALS_TOKEN: 't' }, 2, 'holds a password'],
    [['list', '--endpoint', 'https://x', '--dir', 'y'], {}, 2, '--dir and --endpoint at once'],
    [['whoami', '--endpoint', 'http://localhost:9'], {}, 3, 'annals login'],
    [
      ['whoami', '--endpoint', 'http://localhost:9'],
      { ANNALS_TOKEN: 'two words' },
      2,
      'ANNALS_TOKEN holds no token',
    ],
    [['whoami', '--endpoint', 'http://localhost:9'], { ANNALS_TOKEN_FILE: '/no/such' }, 3, '/no/such'],
    [['whoami', '--endpoint', 'http://localhost:9'], { ANNALS_TOKEN: 't' }, 7, 'does not answer'],
    [['whoami', '--context', 'prod'], {}, 2, 'no context "prod"'],
    [['token', 'create', '--name', 'x', '--role', 'recorder', '--ttl', 'long'], {}, 2, 'no duration'],
  ])('%j %j: exit %i, %s', async (words, env, exit, text) => {
    const { code, stdout, stderr } = await annals(words, { env })
    expect([code, stdout]).toEqual([exit, ''])
    expect(stderr).toContain(text)
    expect(stderr).not.toContain('secret')
  })

  test('what is no annals server is told, and a redirection is not followed', async () => {
    const env = { ANNALS_TOKEN: 'sesame' }
    const other = await annals(['whoami', '--endpoint', stranger], { env })
    expect(other.code).toBe(1)
    expect(other.stderr).toContain('no answer of an annals server')
    expect((await annals(['whoami', '--endpoint', `${stranger}/away`], { env })).code).toBe(7)
  })

  test('a kept token goes to its own server and to no other; a file that others can read is refused', async () => {
    const path = configOf('kept')
    const env = { XDG_CONFIG_HOME: join(home(), 'kept') }
    mkdirSync(join(home(), 'kept', 'annals'), { recursive: true })
    const contexts = { prod: { endpoint: 'http://localhost:9', token: 'kept-token' } }
    writeFileSync(path, JSON.stringify({ current: 'prod', contexts }), { mode: 0o600 })
    asked.length = 0
    expect((await annals(['whoami', '--endpoint', stranger], { env })).code).toBe(3)
    expect(asked).toEqual([])
    expect((await annals(['whoami'], { env })).code).toBe(7)
    const listed = await annals(['context', 'list', '-o', 'json'], { env })
    expect(listed.stdout).not.toContain('kept-token')
    expect(JSON.parse(listed.stdout)).toEqual([
      { name: 'prod', endpoint: 'http://localhost:9', current: 'current' },
    ])
    chmodSync(path, 0o644)
    const open = await annals(['whoami'], { env })
    expect(open.code).toBe(3)
    expect(open.stderr).toContain('others can read')
    writeFileSync(path, '{"token":"kept-token"', { mode: 0o600 })
    chmodSync(path, 0o600)
    const broken = await annals(['whoami', '--debug'], { env })
    expect(broken.code).toBe(1)
    expect(broken.stderr).not.toContain('kept-token')
  })
})
