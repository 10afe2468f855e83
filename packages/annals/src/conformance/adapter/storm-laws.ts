import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { TrailBench, Wish } from './bench.ts'

/** Sends one request that is audited; whether it was carried out, or refused because the trail could not record it. */
export type Send = () => Promise<'done' | 'refused'>

/** A law of adapters under many requests, and the test that it holds. */
export interface StormLaw {
  readonly title: string
  readonly wish: Wish
  prove(bench: TrailBench, send: Send): Promise<void>
}

const REQUESTS = 1_000
/** Requests that are sent between two changes of the store's mind. */
const WAVE = 100
const WITHIN_MS = 150
const FAULTS = ['none', 'slow', 'failing', 'none', 'hung', 'slow', 'none', 'hung', 'failing', 'none'] as const

/** Sends so many requests at once while the store gets better and worse. */
async function storm({ store }: TrailBench, send: Send): Promise<readonly ('done' | 'refused')[]> {
  const asked: ReturnType<Send>[] = []
  for (const fault of FAULTS) {
    store.fault = fault
    for (let n = 0; n < WAVE; n++) asked.push(send())
    await delay(WITHIN_MS)
  }
  store.fault = 'none'
  return await Promise.all(asked)
}

/** What holds while a store fails, hangs and is slow under many requests. */
export const STORM_LAWS: readonly StormLaw[] = [
  {
    title: `refuse: of ${REQUESTS} requests none is carried out that is not in the log`,
    wish: { policy: { preset: 'all', defaults: { withinMs: WITHIN_MS } } },
    async prove(bench, send) {
      const answers = await storm(bench, send)
      const { trail, ran } = bench
      const carriedOut = answers.filter(answer => answer === 'done').length
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
        preset: 'all',
        defaults: { withinMs: WITHIN_MS, onUnavailable: 'drop', phases: 'single' },
      },
    },
    async prove(bench, send) {
      const answers = await storm(bench, send)
      const { trail, ran } = bench
      assert.deepEqual([...new Set(answers)], ['done'])
      assert.equal(ran.length, REQUESTS)
      const counted = async (): Promise<number> => {
        const recorded = await trail.count('NOT action:warm.up')
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
      policy: { preset: 'all', defaults: { withinMs: WITHIN_MS, onUnavailable: 'spool' } },
    },
    async prove(bench, send) {
      const answers = await storm(bench, send)
      const { trail, ran } = bench
      assert.deepEqual([...new Set(answers)], ['done'])
      assert.equal(ran.length, REQUESTS)
      const ended = async (): Promise<number> => (await trail.count('phase:outcome outcome:success')).total
      await until(async () => (await ended()) >= REQUESTS)
      const phases = new Map<string, string[]>()
      for await (const { operation, phase } of trail.events('NOT action:warm.up'))
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
