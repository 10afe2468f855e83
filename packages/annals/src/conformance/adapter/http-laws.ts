import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { AdapterLaw } from './law.ts'
import { pair } from './pair.ts'
import { FAILURE } from './service.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** What is recorded of a request over HTTP, and what is left alone. */
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
]
