import { Writable } from 'node:stream'
import { AnnalsError } from 'annals/model'
import { expect, it } from 'vitest'
import { RawSocket } from '../testing/raw-socket.ts'
import { spawnServer } from '../testing/spawn-server.ts'
import { createLog } from './create-log.ts'

/** A text that must turn up nowhere. */
let planted = 0
function canary(): string {
  return `canary${planted++}tweet`
}

it('a busy server’s log has nothing of events, questions, tokens or persons', async () => {
  await using server = await spawnServer({ ANNALS_SERVER_LOG_LEVEL: 'debug' })
  const json = { 'Content-Type': 'application/json' }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    server.ask(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...json, ...headers },
    })
  const event = {
    action: `door.${canary()}`,
    actor: { type: 'user', id: canary(), name: canary(), credential: { type: 'ssh', id: canary() } },
    targets: [{ type: 'door', id: canary(), name: canary() }],
    tenant: canary(),
    project: canary(),
    outcome: { result: 'failure', code: canary(), message: canary() },
    origin: { ip: '203.0.113.77', userAgent: canary(), requestId: canary() },
    changes: [{ path: `/${canary()}`, op: 'replace', before: canary(), after: canary() }],
    tags: { [canary()]: canary() },
    description: canary(),
    data: { [canary()]: canary() },
  }
  const recorded = (await (await post('/v1/events', event)).json()) as { id: string }
  const answers = await Promise.all([
    post('/v1/events', { ...event, outcom: canary() }),
    post('/v1/events', { ...event, data: -1, [canary()]: canary() }),
    post('/v1/events', `{"action": "${canary()}`),
    post('/v1/events', `{"action":"door.open","data":"${canary()}"}\n{"actio`, {
      'Content-Type': 'application/x-ndjson',
    }),
    post('/v1/events', event, { 'Idempotency-Key': canary() }),
    server.ask(`/v1/events?query=${canary()}`),
    server.ask(`/v1/events?query=outcom:${canary()}`),
    server.ask(`/v1/events?${canary()}=${canary()}`),
    server.ask(`/v1/events?cursor=${canary()}`),
    server.ask(`/v1/${canary()}`),
    server.ask(`/v1/events/${recorded.id}`),
    server.ask(`/v1/lifecycle/subjects/user/${canary()}`),
    server.ask(`/${canary()}/%zz`),
    server.ask('/healthz', { headers: { Authorization: `Bearer ${canary()}` } }),
    server.ask('/v1/events', { token: `annals_${'0'.repeat(16)}_${'A'.repeat(30)}${canary()}` }),
    server.ask('/v1/events', { token: `ey${canary()}.e30.${canary()}` }),
    server.ask('/v1/events', {
      headers: { Cookie: canary(), 'User-Agent': canary(), Referer: canary(), 'X-Forwarded-For': canary() },
    }),
    post('/v1/lifecycle/hold', { hold: canary(), reason: canary(), query: `actor:${canary()}` }),
    post('/v1/lifecycle/hold', { hold: canary(), reason: canary(), query: `actr:${canary()}` }),
    post('/v1/lifecycle/release', { hold: canary(), reason: canary() }),
    post('/v1/lifecycle/erase', {
      persons: [{ type: 'user', id: canary() }],
      basis: canary(),
      request: canary(),
    }),
    post('/v1/lifecycle/evidence', { query: canary() }),
    post('/v1/lifecycle/retention-policy', { classes: { [canary()]: '1d' } }),
    post('/v1/lifecycle/timestamp', { url: `https://${canary()}.example` }),
    post(`/v1/lifecycle/${canary()}`, { [canary()]: canary() }, { Accept: 'application/x-ndjson' }),
  ])
  await Promise.all(answers.map(answer => answer.text()))
  const stream = await server.ask(`/v1/events/stream?query=actor:${canary()}`)
  using raw = await RawSocket.open(server.url)
  raw.write(`GET /${canary()} HTTP/1.1\r\n${canary()}\r\n\r\n`)
  await raw.closed()
  server.kill('SIGTERM')
  await stream.text()
  expect(await server.ended()).toBe(0)
  const { stdout, stderr } = server.output()
  const lines = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { msg: string; route?: string })
  expect(lines.filter(line => line.msg === 'request').length).toBeGreaterThan(answers.length)
  expect(lines.filter(line => line.msg === 'an act failed').length).toBeGreaterThan(0)
  expect(planted).toBeGreaterThan(60)
  expect(stderr).not.toMatch(/canary|tweet|Bearer|203\.0\.113\.77/i)
  const [, , secret = ''] = /annals_(\w{16})_([\w-]{43})/.exec(server.key) ?? []
  expect(secret).toHaveLength(43)
  expect(stderr).not.toContain(secret)
  // The key is shown once, in the line that says that the server is ready.
  expect(stdout.split('\n').slice(1).join('\n')).not.toMatch(/canary|annals_/)
})

it('of an error it tells the kind and the places, and the message only where that is about the store', async () => {
  let text = ''
  const log = createLog(
    'info',
    new Writable({
      write(piece, _encoding, done) {
        text += piece
        done()
      },
    }),
  )
  let cause: unknown
  try {
    JSON.parse('{"name": "canary" oops}')
  } catch (error) {
    cause = error
  }
  log.error({ err: new AnnalsError('ANNALS_STORE', 'The store failed: EIO', { cause }) }, 'failed')
  log.error({ err: new AnnalsError('ANNALS_INVALID', 'canary', { cause: 'canary' }) }, 'failed')
  log.error({ err: 'canary', req: { url: '/canary' }, res: { body: 'canary' } }, 'failed')
  log.error(Object.assign(new Error('canary'), { query: 'canary', code: 'EIO', syscall: 'read' }))
  log.flush()
  expect(text).toContain('The store failed: EIO')
  expect(text).toContain('"code":"EIO"')
  expect(text).not.toContain('canary')
})
