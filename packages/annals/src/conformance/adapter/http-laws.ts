import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { AuditEvent } from '../../model/index.ts'
import type { AdapterLaw } from './law.ts'
import { ADDED, FAILURE } from './service.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function pair(events: readonly AuditEvent[]): readonly [AuditEvent, AuditEvent] {
  assert.equal(events.length, 2)
  const [attempt, outcome] = events as [AuditEvent, AuditEvent]
  assert.equal(attempt.phase, 'attempt')
  assert.equal(outcome.phase, 'outcome')
  assert.equal(outcome.operation, attempt.operation)
  return [attempt, outcome]
}

/** What holds of every adapter of HTTP. */
export const HTTP_LAWS: readonly AdapterLaw[] = [
  {
    title: 'records an attempt and its outcome, joined by the operation and the correlation id (M1, M12)',
    async prove({ ask, events, ran }) {
      const answer = await ask({
        method: 'POST',
        path: '/v1/machine/m7/free?force=true',
        headers: { ...JSON_TYPE, 'x-request-id': 'rq-1', 'user-agent': 'tried/1' },
        body: '{"why":"old"}',
      })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['x-request-id'], 'rq-1')
      assert.deepEqual(ran, ['/v1/machine/{id}/free'])
      const [attempt, outcome] = pair(await events(2))
      assert.deepEqual(JSON.parse(answer.body.toString()), {
        correlationId: 'rq-1',
        operation: attempt.operation,
      })
      assert.equal(attempt.action, 'http.request')
      assert.equal(attempt.outcome.result, 'pending')
      assert.deepEqual(attempt.data, { query: { force: 'true' }, body: { why: 'old' } })
      assert.equal(outcome.outcome.result, 'success')
      assert.ok((outcome.outcome.durationMs ?? -1) >= 0)
      for (const { tags, origin } of [attempt, outcome]) {
        assert.equal(tags?.['http.request.method'], 'POST')
        assert.equal(tags?.['http.route'], '/v1/machine/{id}/free')
        assert.equal(origin.correlationId, 'rq-1')
        assert.equal(origin.userAgent, 'tried/1')
      }
    },
  },
  {
    title: 'makes a correlation id where none came, or none that is fit for a header (M12)',
    async prove({ ask, events }) {
      for (const given of [undefined, 'a b', 'x'.repeat(200)]) {
        const headers = given === undefined ? {} : { 'x-request-id': given }
        const answer = await ask({ method: 'POST', path: '/v1/machine/m7/free', headers })
        assert.match(String(answer.headers['x-request-id']), UUID_V7)
      }
      const ids = new Set((await events(6)).map(({ origin }) => origin.correlationId))
      assert.equal(ids.size, 3)
    },
  },
  {
    title: 'leaves alone what the policy excludes (M2, M4)',
    async prove({ ask, events, ran }) {
      for (const [method, path] of [
        ['GET', '/v1/machine/m7'],
        ['HEAD', '/v1/machine/m7'],
        ['POST', '/v1/machine/find'],
        ['POST', '/v1/machine/find?x=1'],
      ] as const)
        assert.equal((await ask({ method, path })).status, 200)
      assert.equal(ran.length, 4)
      await events(0)
    },
  },
  {
    title: 'records a read that a rule includes, and the first rule that fits wins (M3, M4)',
    wish: {
      policy: {
        rules: [
          { name: 'free', match: { route: '/v1/machine/{id}/free' }, capture: 'none' },
          { name: 'look', match: { method: 'GET', route: '/v1/machine/{id}' } },
        ],
        preset: 'mutating',
      },
    },
    async prove({ ask, events }) {
      await ask({ method: 'POST', path: '/v1/machine/m7/free' })
      await ask({ method: 'GET', path: '/v1/machine/m7' })
      const [attempt] = pair(await events(2))
      assert.equal(attempt.tags?.['http.request.method'], 'GET')
    },
  },
  {
    title: 'records failures alone where a rule asks for them',
    wish: {
      policy: {
        rules: [{ name: 'failed', match: { outcome: ['failure', 'denied'] } }],
        otherwise: { capture: 'none' },
      },
    },
    async prove({ ask, events }) {
      await ask({ method: 'POST', path: '/v1/machine/m7/free' })
      await ask({ method: 'POST', path: '/v1/forbidden' })
      const [event] = await events(1)
      assert.equal(event?.phase, 'single')
      assert.equal(event?.outcome.result, 'denied')
    },
  },
  {
    title: 'gives the handler the whole body, however much of it is kept (M9)',
    wish: { options: { bodyBytes: 1_000 } },
    async prove({ ask, events }) {
      const whole = Buffer.alloc(700_000, 'abc')
      const answer = await ask({
        method: 'POST',
        path: '/v1/echo',
        headers: { 'content-type': 'text/plain' },
        body: whole,
      })
      assert.ok(answer.body.equals(whole))
      const [attempt, outcome] = pair(await events(2))
      for (const { data } of [attempt, outcome])
        assert.match(
          String((data as { body?: { omitted?: string } }).body?.omitted),
          /longer than 1000 bytes|not complete/,
        )
    },
  },
  {
    title: 'keeps a body that is no JSON as the text it is, and one that is no text not at all (M10)',
    async prove({ ask, events }) {
      const headers = { 'content-type': 'text/plain' }
      await ask({ method: 'POST', path: '/v1/echo', headers, body: 'just words' })
      await ask({ method: 'POST', path: '/v1/echo', headers, body: Buffer.from([0xff, 0xfe, 0]) })
      const all = await events(4)
      assert.deepEqual(all[0]?.data, { body: 'just words' })
      assert.equal((all[2]?.data as { body?: { omitted: string } } | undefined)?.body?.omitted, 'no text')
    },
  },
  {
    title: 'masks secrets in bodies, queries and errors (M15)',
    wish: { options: { headers: ['authorization', 'x-plain'] } },
    async prove({ ask, events }) {
      const secret = 'canary-4711'
      await ask({
        method: 'POST',
        path: `/v1/json?api_key=${secret}&page=2`,
        headers: { ...JSON_TYPE, authorization: `Bearer ${secret}`, 'x-plain': 'kept' },
        body: JSON.stringify({ user: 'u', deep: [{ password: secret, note: 'kept' }] }),
      })
      await ask({
        method: 'POST',
        path: '/v1/echo',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `name=u&password=${secret}`,
      })
      await ask({ method: 'POST', path: '/v1/fail' })
      const all = JSON.stringify(await events(6))
      assert.ok(!all.includes(secret) && !all.includes('hunter2'), all)
      assert.ok(all.includes('kept') && all.includes('no disk left'))
    },
  },
  {
    title: 'records what a handler throws (M11)',
    async prove({ ask, events }) {
      assert.equal((await ask({ method: 'POST', path: '/v1/fail' })).status, 500)
      const [, { outcome }] = pair(await events(2))
      assert.equal(outcome.result, 'failure')
      assert.equal(outcome.code, '500')
      assert.ok(outcome.message?.startsWith(FAILURE.slice(0, 12)))
    },
  },
  {
    title: 'records a client that goes away before it is answered (M11)',
    async prove({ url, events, ran }) {
      const sent = httpRequest(new URL('/v1/hang', url), { method: 'POST', agent: false })
      sent.on('error', () => {})
      sent.end()
      while (ran.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
      sent.destroy()
      const [, { outcome }] = pair(await events(2))
      assert.equal(outcome.result, 'unknown')
      assert.equal(outcome.code, 'CLIENT_CLOSED')
    },
  },
  {
    title: 'a refusal of the handler is a denial',
    async prove({ ask, events }) {
      assert.equal((await ask({ method: 'POST', path: '/v1/forbidden' })).status, 403)
      const [, { outcome }] = pair(await events(2))
      assert.deepEqual([outcome.result, outcome.code], ['denied', '403'])
    },
  },
  {
    title: 'records a refusal before any route, and what is not there when asked (M5)',
    wish: { options: { refusals: [401, 404] } },
    async prove({ ask, events, ran }) {
      assert.equal((await ask({ method: 'POST', path: '/guarded' })).status, 401)
      assert.equal((await ask({ method: 'POST', path: '/nothing/here' })).status, 404)
      const [guarded, absent] = await events(2)
      assert.deepEqual(
        [guarded?.phase, guarded?.outcome.result, guarded?.outcome.code],
        ['single', 'denied', '401'],
      )
      assert.equal(absent?.outcome.code, '404')
      assert.deepEqual(absent?.data, { path: '/nothing/here' })
      assert.deepEqual(ran, [])
    },
  },
  {
    title: 'an unknown route is no event unless asked (M5)',
    async prove({ ask, events }) {
      assert.equal((await ask({ method: 'POST', path: '/nothing/here' })).status, 404)
      await events(0)
    },
  },
  {
    title: 'whoever calls without a name is anonymous; a service that does not say is not believed (M13)',
    wish: { options: { actor: () => undefined } },
    async prove({ ask, events }) {
      await ask({ method: 'POST', path: '/v1/machine/m7/free' })
      for (const { actor } of await events(2)) assert.equal(actor.type, 'anonymous')
    },
  },
  {
    title: 'a resolver that throws is reported, and the request is recorded all the same',
    wish: {
      options: {
        actor: () => {
          throw new Error('no session store')
        },
      },
    },
    async prove({ ask, events, errors }) {
      assert.equal((await ask({ method: 'POST', path: '/v1/machine/m7/free' })).status, 200)
      for (const { actor } of await events(2))
        assert.deepEqual([actor.type, actor.unverified], ['unknown', true])
      assert.deepEqual(
        errors.map(({ message }) => message),
        ['no session store'],
      )
    },
  },
  {
    title: 'believes X-Forwarded-For of nobody (M14)',
    async prove({ ask, events }) {
      await ask({ method: 'POST', path: '/v1/machine/m7/free', headers: { 'x-forwarded-for': '6.6.6.6' } })
      for (const { origin } of await events(2)) assert.match(String(origin.ip), /^(127\.0\.0\.1|::1)$/)
    },
  },
  {
    title: 'believes a trusted proxy, and nothing before it (M14)',
    wish: { options: { trustedProxies: ['127.0.0.0/8', '::1'] } },
    async prove({ ask, events }) {
      const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' }
      await ask({ method: 'POST', path: '/v1/machine/m7/free', headers })
      for (const { origin } of await events(2)) assert.equal(origin.ip, '203.0.113.9')
    },
  },
  {
    title: 'what is skipped is not touched (M18)',
    wish: { options: { skip: () => true } },
    async prove({ ask, events }) {
      const answer = await ask({ method: 'POST', path: '/v1/machine/m7/free' })
      assert.equal(answer.status, 200)
      assert.equal(answer.headers['x-request-id'], undefined)
      await events(0)
    },
  },
  {
    title: 'what the handler adds is in the outcome, and what it records inherits who asked (T14)',
    wish: { options: { actor: () => ({ type: 'user', id: 'u1' }), tenant: () => 't1' } },
    async prove({ ask, events }) {
      assert.equal((await ask({ method: 'DELETE', path: '/v1/machine/m7' })).status, 204)
      const all = await events(3)
      const [, wiped, outcome] = all
      assert.equal(wiped?.action, 'disk.wipe')
      assert.deepEqual(outcome?.targets, ADDED.targets)
      assert.deepEqual(outcome?.changes, ADDED.changes)
      for (const { actor, tenant, origin } of all) {
        assert.deepEqual([actor.id, tenant], ['u1', 't1'])
        assert.equal(origin.correlationId, all[0]?.origin.correlationId)
      }
    },
  },
  {
    title: 'a request that cannot be recorded is not carried out (M6)',
    wish: { policy: { preset: 'mutating', defaults: { withinMs: 250 } } },
    async prove(bench) {
      for (const fault of ['failing', 'hung'] as const) {
        bench.store.fault = fault
        const answer = await bench.ask({
          method: 'POST',
          path: '/v1/machine/m7/free',
          body: '{}',
          headers: JSON_TYPE,
        })
        assert.equal(answer.status, 503)
        assert.equal(answer.headers['content-type'], 'application/problem+json')
        assert.match(answer.body.toString(), /"code":"ANNALS_/)
        // Reads do not need the log.
        assert.equal((await bench.ask({ method: 'GET', path: '/v1/machine/m7' })).status, 200)
      }
      assert.deepEqual(bench.ran, ['/v1/machine/{id}', '/v1/machine/{id}'])
    },
  },
  {
    title: 'the service says what is answered then (M7)',
    wish: {
      options: { onUnavailable: ({ code }) => ({ status: 599, headers: { 'x-code': code }, body: 'later' }) },
    },
    async prove(bench) {
      bench.store.fault = 'failing'
      const answer = await bench.ask({ method: 'POST', path: '/v1/machine/m7/free' })
      assert.deepEqual([answer.status, answer.body.toString()], [599, 'later'])
      assert.match(String(answer.headers['x-code']), /^ANNALS_/)
      assert.deepEqual(bench.ran, [])
    },
  },
  {
    title: 'a rule that lets go lets the request pass, and counts it (M8)',
    wish: { policy: { preset: 'mutating', defaults: { withinMs: 100, onUnavailable: 'drop' } } },
    async prove(bench) {
      bench.store.fault = 'failing'
      for (let n = 0; n < 5; n++)
        assert.equal((await bench.ask({ method: 'POST', path: '/v1/machine/m7/free' })).status, 200)
      assert.equal(bench.ran.length, 5)
      bench.store.fault = 'none'
    },
  },
  {
    title: 'an outcome that cannot be recorded leaves the answer alone (M8)',
    async prove(bench) {
      const asking = bench.ask({ method: 'DELETE', path: '/v1/machine/m7' })
      while (bench.ran.length === 0) await new Promise(resolve => setImmediate(resolve))
      bench.store.fault = 'failing'
      const { status } = await asking
      assert.ok(status === 204 || status === 500)
      while (bench.errors.length === 0 && status === 204) await new Promise(resolve => setTimeout(resolve, 5))
    },
  },
  {
    title: 'many requests at once keep their own ids, actors and outcomes',
    wish: { options: { tags: request => ({ own: ownOf(request) }) } },
    async prove({ ask, events }) {
      const asked = Array.from({ length: 100 }, (_, n) =>
        ask({
          method: 'POST',
          path: '/v1/machine/m7/free',
          headers: { 'x-request-id': `rq-${n}`, 'x-own': `o-${n}` },
        }),
      )
      for (const { status } of await Promise.all(asked)) assert.equal(status, 200)
      const byOperation = Map.groupBy(await events(200), ({ operation }) => operation)
      assert.equal(byOperation.size, 100)
      for (const events of byOperation.values()) {
        const [attempt, outcome] = pair(events)
        assert.equal(attempt.origin.correlationId, outcome.origin.correlationId)
        assert.equal(attempt.tags?.['own'], attempt.origin.correlationId?.replace('rq', 'o'))
        assert.equal(outcome.tags?.['own'], attempt.tags?.['own'])
      }
    },
  },
]

function ownOf(request: {
  readonly headers?: unknown
  readonly raw?: { readonly headers?: unknown }
}): string {
  const headers = (request.headers ?? request.raw?.headers) as Record<string, string>
  return headers['x-own'] ?? ''
}
