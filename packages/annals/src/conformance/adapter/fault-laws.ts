import assert from 'node:assert/strict'
import type { AdapterLaw } from './law.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
/** What holds when the trail cannot record. */
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
]
