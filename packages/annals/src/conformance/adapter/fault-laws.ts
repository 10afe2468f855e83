import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench } from './bench.ts'
import type { AdapterLaw } from './law.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const REQUESTS = 1_000
/** Requests that are sent between two changes of the store's mind. */
const WAVE = 100
const WITHIN_MS = 150
const FAULTS = ['none', 'slow', 'failing', 'none', 'hung', 'slow', 'none', 'hung', 'failing', 'none'] as const

/** Sends so many requests at once while the store gets better and worse; answers with their statuses. */
async function storm({ ask, store }: Bench): Promise<readonly number[]> {
  const asked: Promise<{ readonly status: number }>[] = []
  for (const [wave, fault] of FAULTS.entries()) {
    store.fault = fault
    for (let n = 0; n < WAVE; n++) asked.push(ask({ method: 'POST', path: `/v1/machine/m${wave}/free` }))
    await delay(WITHIN_MS)
  }
  store.fault = 'none'
  return (await Promise.all(asked)).map(({ status }) => status)
}

/** What holds while a store fails, hangs and is slow under many requests. */
export const FAULT_LAWS: readonly AdapterLaw[] = [
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
    title: `refuse: of ${REQUESTS} requests none is carried out that is not in the log`,
    wish: { policy: { preset: 'mutating', defaults: { withinMs: WITHIN_MS } } },
    async prove(bench) {
      const statuses = await storm(bench)
      const { trail, ran } = bench
      const carriedOut = statuses.filter(status => status === 200).length
      assert.equal(statuses.filter(status => status === 503).length, REQUESTS - carriedOut)
      assert.equal(ran.length, carriedOut)
      assert.ok(carriedOut > 0 && carriedOut < REQUESTS, `${carriedOut} carried out`)
      // What became durable after its caller was refused is told as denied, soon after.
      const audited = async (): Promise<number> => {
        const attempts = await trail.count('phase:attempt')
        const denied = await trail.count('phase:outcome outcome:denied')
        return attempts.total - denied.total
      }
      await until(async () => (await audited()) === carriedOut)
    },
  },
  {
    title: `drop: of ${REQUESTS} requests each is carried out, and what is not in the log is counted`,
    wish: {
      policy: {
        preset: 'mutating',
        defaults: { withinMs: WITHIN_MS, onUnavailable: 'drop', phases: 'single' },
      },
    },
    async prove(bench) {
      const statuses = await storm(bench)
      const { trail, ran } = bench
      assert.deepEqual([...new Set(statuses)], [200])
      assert.equal(ran.length, REQUESTS)
      const counted = async (): Promise<number> => {
        const recorded = await trail.count('action:http.request')
        let dropped = 0
        for await (const { data } of trail.events('action:log.gap'))
          dropped += (data as { events: number }).events
        return recorded.total + dropped
      }
      // The outcome is recorded after the answer, and a gap is told once writing works again.
      await until(async () => (await counted()) >= REQUESTS)
      assert.equal(await counted(), REQUESTS)
    },
  },
  {
    title: `spool: of ${REQUESTS} requests each is carried out, and in the log in the end, once`,
    wish: {
      policy: { preset: 'mutating', defaults: { withinMs: WITHIN_MS, onUnavailable: 'spool' } },
    },
    async prove(bench) {
      const statuses = await storm(bench)
      const { trail, ran } = bench
      assert.deepEqual([...new Set(statuses)], [200])
      assert.equal(ran.length, REQUESTS)
      const ended = async (): Promise<number> => (await trail.count('phase:outcome outcome:success')).total
      await until(async () => (await ended()) >= REQUESTS)
      const phases = new Map<string, string[]>()
      for await (const { operation, phase } of trail.events('action:http.request'))
        phases.set(operation, [...(phases.get(operation) ?? []), phase])
      assert.equal(phases.size, REQUESTS)
      for (const pair of phases.values()) assert.deepEqual(pair, ['attempt', 'outcome'])
    },
  },
]

const PATIENCE_MS = 30_000

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const begun = performance.now()
  while (!(await isSo())) {
    assert.ok(performance.now() - begun < PATIENCE_MS, 'the log does not agree with what was carried out')
    await delay(20)
  }
}
