import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEvent } from '../../model/index.ts'
import type { TrailBench, Wish } from './bench.ts'
import type { RpcAnswer, RpcAsked } from './rpc-service.ts'
import { ADDED } from './service.ts'

/** A law of adapters of remote procedure calls, and the test that it holds. */
export interface RpcLaw {
  readonly title: string
  readonly wish?: Wish
  prove(bench: RpcBench): Promise<void>
}

/** One tried service with its trail. */
export interface RpcBench extends TrailBench {
  call(asked: RpcAsked): Promise<RpcAnswer>
}

const OK = 0
const CANCELLED = 1
const DEADLINE_EXCEEDED = 4
const PERMISSION_DENIED = 7
const UNAVAILABLE = 14
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function ends(events: readonly AuditEvent[]): readonly [AuditEvent, AuditEvent] {
  const attempt = events.find(({ phase }) => phase === 'attempt')
  const outcome = events.find(({ phase }) => phase === 'outcome')
  assert.ok(attempt !== undefined && outcome !== undefined)
  assert.equal(outcome.operation, attempt.operation)
  return [attempt, outcome]
}

/** What holds of every adapter of remote procedure calls. */
export const RPC_LAWS: readonly RpcLaw[] = [
  {
    title: 'unary: an attempt and its outcome with messages, additions and what inherits them (M1, M12, M16)',
    wish: { options: { actor: () => ({ type: 'service', id: 'pxe' }), tenant: () => 't1' } },
    async prove({ call, events }) {
      const answer = await call({
        method: 'Register',
        messages: [{ uuid: 'm7', size: 3 }],
        headers: { 'x-request-id': 'rq-1' },
      })
      assert.deepEqual([answer.code, answer.correlationId], [OK, 'rq-1'])
      assert.deepEqual(answer.messages, [{ correlationId: 'rq-1' }])
      const all = await events(3)
      const [attempt, outcome] = ends(all)
      assert.deepEqual([attempt.action, attempt.data], ['rpc.call', { body: { uuid: 'm7', size: 3 } }])
      assert.deepEqual(outcome.data, { body: { correlationId: 'rq-1' } })
      assert.equal(outcome.outcome.result, 'success')
      assert.deepEqual(outcome.targets, ADDED.targets)
      assert.deepEqual(outcome.changes, ADDED.changes)
      for (const { actor, tenant, origin } of all) {
        assert.deepEqual([actor.id, tenant, origin.correlationId], ['pxe', 't1', 'rq-1'])
        assert.match(String(origin.ip), /^(127\.0\.0\.1|::1)$/)
      }
      for (const { tags } of [attempt, outcome])
        assert.deepEqual([tags?.['rpc.service'], tags?.['rpc.method']], ['tried.v1.BootService', 'Register'])
    },
  },
  {
    title: 'makes a correlation id where none came (M12)',
    async prove({ call }) {
      assert.match(String((await call({ method: 'Find' })).correlationId), UUID_V7)
    },
  },
  {
    title: 'the preset metal records what its rules name, and leaves the rest alone (M18)',
    wish: { policy: { preset: 'metal' } },
    async prove({ call, events, ran }) {
      for (const method of ['Find', 'Watch', 'Upload', 'Register'] as const)
        assert.equal((await call({ method })).code, OK)
      assert.deepEqual(ran, ['Find', 'Watch', 'Upload', 'Register'])
      ends(await events(2))
    },
  },
  {
    title: 'masks secrets in messages and errors (M15)',
    async prove({ call, events }) {
      const secret = 'canary-4711'
      await call({
        method: 'Find',
        messages: [{ deep: [{ password: secret, note: 'kept' }], api_key: secret }],
      })
      await call({ method: 'Fail' })
      const all = JSON.stringify(await events(4))
      assert.ok(!all.includes(secret) && !all.includes('hunter2'), all)
      assert.ok(all.includes('kept'))
    },
  },
  {
    title: 'records what a handler throws, and what it refuses, with code and message (M11, M16)',
    async prove({ call, events }) {
      assert.notEqual((await call({ method: 'Fail' })).code, OK)
      assert.equal((await call({ method: 'Refuse' })).code, PERMISSION_DENIED)
      const [failed, refused] = (await events(4)).filter(({ phase }) => phase === 'outcome')
      assert.equal(failed?.outcome.result, 'failure')
      assert.match(String(failed?.outcome.code), /^(UNKNOWN|INTERNAL)$/)
      assert.ok(failed?.outcome.message === undefined || !failed.outcome.message.includes('{}'))
      assert.deepEqual(
        [refused?.outcome.result, refused?.outcome.code, refused?.outcome.message],
        ['denied', 'PERMISSION_DENIED', 'no entry'],
      )
    },
  },
  {
    title: 'streams are opened and closed, and their messages counted (M17)',
    async prove({ call, events }) {
      const messages = [{ n: 1 }, { n: 2 }]
      assert.deepEqual((await call({ method: 'Upload', messages })).messages, [{ count: 2 }])
      assert.equal((await call({ method: 'Watch' })).messages.length, 3)
      assert.deepEqual((await call({ method: 'Chat', messages })).messages, messages)
      const all = await events(7)
      const outcomes = all.filter(({ phase }) => phase === 'outcome')
      assert.deepEqual(
        outcomes.map(({ data }) => (data as { readonly messages: object }).messages),
        [
          { received: 2, sent: 1 },
          { received: 1, sent: 3 },
          { received: 2, sent: 2 },
        ],
      )
      const [wiped] = all.filter(({ action }) => action === 'disk.wipe')
      assert.equal(wiped?.origin.correlationId, outcomes[1]?.origin.correlationId)
      for (const { outcome } of outcomes) assert.equal(outcome.result, 'success')
    },
  },
  {
    title: 'records a client that goes away, and one whose time is up (M11)',
    async prove({ call, events, ran }) {
      const gone = new AbortController()
      const calling = call({ method: 'Hang', signal: gone.signal })
      while (ran.length === 0) await delay(5)
      gone.abort()
      assert.equal((await calling).code, CANCELLED)
      assert.equal((await call({ method: 'Hang', timeoutMs: 2_000 })).code, DEADLINE_EXCEEDED)
      const outcomes = (await events(4)).filter(({ phase }) => phase === 'outcome')
      assert.deepEqual(
        outcomes.map(({ outcome }) => [outcome.result, outcome.code]),
        [
          ['unknown', 'CANCELLED'],
          ['unknown', 'DEADLINE_EXCEEDED'],
        ],
      )
    },
  },
  {
    title: 'a call that cannot be recorded is not carried out (M6)',
    wish: { policy: { preset: 'all', defaults: { withinMs: 250 } } },
    async prove(bench) {
      for (const fault of ['failing', 'hung'] as const) {
        bench.store.fault = fault
        for (const method of ['Register', 'Upload', 'Watch', 'Chat'] as const) {
          const answer = await bench.call({ method })
          assert.equal(answer.code, UNAVAILABLE)
          assert.ok(answer.correlationId !== undefined)
        }
      }
      assert.deepEqual(bench.ran, [])
    },
  },
  {
    title: 'the service says what is answered then (M7)',
    wish: { options: { onUnavailable: () => ({ status: 429, body: 'later' }) } },
    async prove(bench) {
      bench.store.fault = 'failing'
      const { code, message } = await bench.call({ method: 'Find' })
      assert.deepEqual([code, message], [8, 'later'])
    },
  },
  {
    title: 'what is skipped is not touched (M18)',
    wish: { options: { skip: () => true } },
    async prove({ call, events }) {
      assert.equal((await call({ method: 'Find' })).code, OK)
      await events(0)
    },
  },
  {
    title: 'many calls at once keep their own ids',
    async prove({ call, events }) {
      const asked = Array.from({ length: 200 }, (_, n) =>
        call({ method: 'Find', messages: [{ n }], headers: { 'x-request-id': `rq-${n}` } }),
      )
      for (const [n, answer] of (await Promise.all(asked)).entries())
        assert.deepEqual([answer.code, answer.correlationId], [OK, `rq-${n}`])
      const byOperation = Map.groupBy(await events(400), ({ operation }) => operation)
      assert.equal(byOperation.size, 200)
      for (const pair of byOperation.values()) {
        const [attempt, outcome] = ends(pair)
        assert.equal(attempt.origin.correlationId, outcome.origin.correlationId)
        assert.deepEqual(attempt.data, { body: { n: Number(attempt.origin.correlationId?.slice(3)) } })
      }
    },
  },
]
