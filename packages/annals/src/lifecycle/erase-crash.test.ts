import { spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PartPlace } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { submitAct } from '../trail/submit.ts'
import { temporaryDirectory } from '../trail/trail.test-support.ts'
import type { Trail } from '../trail/trail.ts'
import { erase } from './index.ts'
import { filesWith, isWiped, placeName, provableParts } from './provable.test-support.ts'
import { stepping } from './steps.test-support.ts'

const ALICE = { type: 'user', id: 'alice-1' }
const BOB = { type: 'user', id: 'bob-22' }
const REQUEST = { persons: [ALICE], basis: 'GDPR Art. 17' }

/** Events of two classes about two persons; answers with the parts that are about the first. */
async function record(trail: Trail): Promise<readonly PartPlace[]> {
  const about: PartPlace[] = []
  for (let n = 0; n < 6; n++) {
    const retention = n % 2 === 0 ? 'standard' : 'security'
    const { index } = await trail.record('a.b', { actor: ALICE, targets: [BOB], retention })
    const mention = await trail.record('a.c', { actor: BOB, data: { note: 'see alice-1' }, retention })
    about.push([index, 'who'], [mention.index, 'what'])
  }
  return about
}

/** Everything about the person is gone, ordered by the log, and nothing else is hurt. */
async function expectErased(store: Store, about: readonly PartPlace[]): Promise<void> {
  const { wrong, shredded } = await provableParts(store)
  expect([wrong, shredded]).toEqual([[], about.map(placeName)])
  const search = { query: 'action:log.erasure', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: 1e9 }
  const { events } = await store.search.find(search, 'asc', 100)
  const named = events.flatMap(({ data }) => (data as { parts: PartPlace[] }).parts.map(placeName))
  expect([...new Set(named)].sort()).toEqual(about.map(placeName).sort())
  const keys = events.flatMap(({ data }) => (data as { keys?: string[] }).keys ?? [])
  const ids = keys.map(key => Buffer.from(key, 'hex').toString('latin1'))
  expect([ids.length > 0, (await store.keys.subjectsById(ids)).size]).toEqual([true, 0])
  const end = (events.at(-1)?.index ?? 0) + 1
  expect([await store.applied(), await store.keys.applied()]).toEqual([end, end])
}

describe('a step of an erasure that fails', () => {
  it('is taken when it is asked again, whichever it is', async () => {
    const steps: string[] = []
    for (let fail = 0, failed = true; failed; fail++) {
      let left = Number.POSITIVE_INFINITY
      let last = ''
      const memory = await openMemory()
      const store = stepping(memory, step => {
        last = step
        if (left-- === 0) throw new Error('this step fails')
      })
      const trail = await openTrail({ store, onError: () => {} })
      const about = await record(trail)
      await trail.flush()
      left = fail
      failed = await trail.perform(erase, REQUEST).then(
        () => false,
        () => true,
      )
      left = Number.POSITIVE_INFINITY
      if (failed) steps.push(last)
      await trail.record('a.d', { actor: BOB })
      await trail.perform(erase, REQUEST)
      await expectErased(memory, about)
      await trail.close()
    }
    expect(new Set(steps)).toEqual(
      new Set([
        'keys.retire',
        'log.append',
        'log.publish',
        'log.erase',
        'keys.puncture',
        'keys.destroySubjects',
        'store.setApplied',
        'keys.setApplied',
      ]),
    )
  })
})

describe('a process that is killed', () => {
  it('is followed by one that finishes what it was asked, whatever it was about to do', async () => {
    const [origin, trails] = [temporaryDirectory(), temporaryDirectory()]
    const first = await openTrail({ dir: origin })
    const about = await record(first)
    await first.close()
    const steps = [
      'keys.retire',
      'log.append',
      'log.publish',
      'log.erase',
      'keys.puncture',
      'keys.destroySubjects',
      'store.setApplied',
      'keys.setApplied',
    ]
    const finish = async (step: string): Promise<void> => {
      const dir = `${trails}/${step}`
      cpSync(origin, dir, { recursive: true })
      const asking = submitAct({ dir, act: erase, request: REQUEST, timeoutMs: 60_000 })
      expect(await killedBefore(step, dir)).toBe('SIGKILL')
      const store = await openEmbedded({ dir })
      const trail = await openTrail({ store })
      const { parts } = await asking
      // What the log had ordered before the kill is done at opening, and the request then finds nothing left.
      expect(parts).toBe(steps.indexOf(step) < 2 ? about.length : 0)
      await expectErased(store, about)
      const { index } = await trail.record('a.after', { actor: ALICE })
      for await (const [one] of store.log.read(index, index + 1))
        expect(one?.record.parts.flatMap(({ keys }) => keys).filter(key => !isWiped(key))).toHaveLength(1)
      await trail.perform(erase, REQUEST)
      await trail.close()
      expect(filesWith(dir, ['alice'])).toEqual([])
    }
    await Promise.all(steps.map(finish))
  }, 120_000)
})

/** Has a process serve the inbox of a directory until a step kills it; answers with the signal that ended it. */
async function killedBefore(step: string, dir: string): Promise<string | null> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=annals-source',
      '--no-warnings',
      join(import.meta.dirname, 'killed.test-support.ts'),
      dir,
      step,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  return await new Promise(resolve => child.once('close', (_, signal) => resolve(signal)))
}
