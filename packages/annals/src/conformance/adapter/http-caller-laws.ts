import assert from 'node:assert/strict'
import type { AdapterLaw } from './law.ts'
import { pair } from './pair.ts'
import { ADDED } from './service.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Who calls over HTTP, from where, and what joins everything that happens for them. */
export const HTTP_CALLER_LAWS: readonly AdapterLaw[] = [
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
