import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rootOfMark } from '../conformance/store/root-of.ts'
import type { AnnalsError, Draft } from '../model/index.ts'
import type { Clocks } from './clock.ts'
import type { Entry } from './entry.ts'
import type { Person } from './key-store.ts'
import { type Answer, lab, withKeys } from './sequencer.test-support.ts'

const EVENT: Draft = { action: 'machine.delete', data: { n: 0 } }
const START = Date.parse('2026-11-21T05:59:00.000Z')

describe('order', () => {
  it('T57: positions are dense and in the order of submission, for any mixture of keyed, new-person and plain events', async () => {
    const one = fc.oneof(
      fc.constant<Partial<Draft>>({}),
      fc.nat(3).map((n): Partial<Draft> => ({ actor: { type: 'user', id: `u${n}` } })),
      fc.nat(1e9).map((n): Partial<Draft> => ({ id: `key-${n}` })),
      fc.constantFrom('security', 'ledger').map((retention): Partial<Draft> => ({ retention })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(one, fc.nat(3)), { minLength: 1, maxLength: 60 }), async drafts => {
        const { submit, entries, sequencer, durable } = await lab()
        const answers: Promise<Answer>[] = []
        const keys = new Set<string>()
        for (const [n, [more, pause]] of drafts.entries()) {
          if (more.id !== undefined && keys.has(more.id)) continue
          if (more.id !== undefined) keys.add(more.id)
          answers.push(submit({ ...EVENT, ...more, data: { n } }))
          for (let i = 0; i < pause; i++) await Promise.resolve()
          if (pause === 3) await turn()
        }
        const settled = await Promise.all(answers)
        expect(settled.map(answer => 'index' in answer && answer.index)).toEqual(settled.map((_, i) => i))
        expect(durable.map(item => item.index)).toEqual(settled.map((_, i) => i))
        expect(await entries()).toHaveLength(settled.length)
        await sequencer.close()
      }),
      { numRuns: 60 },
    )
  })

  it('T4: ids are unique, sort as positions do, and lead back to them', async () => {
    const { submit, store, entries } = await lab()
    const answers = await Promise.all(Array.from({ length: 5_000 }, () => submit(EVENT)))
    const ids = (await entries()).map(entry => entry.id)
    expect(answers.map(answer => 'id' in answer && answer.id)).toEqual(ids)
    for (const index of [0, 2_500, 4_999]) expect(await store.search.position(ids[index]!)).toBe(index)
  })

  it('events that come while an append is in flight become one batch', async () => {
    const { submit, log, entries } = await lab()
    await submit(EVENT)
    const release = log.hold()
    const first = submit(EVENT)
    await turn()
    await turn()
    const rest = Array.from({ length: 3_000 }, () => submit(EVENT))
    const before = log.appends
    release()
    await Promise.all([first, ...rest])
    expect(log.appends - before).toBe(1)
    expect(await entries()).toHaveLength(3_002)
  })
})

describe('bounds', () => {
  it('refuses with ANNALS_OVERLOADED at the bound of events, and takes again once some are durable', async () => {
    const { submit, log, entries, sequencer } = await lab({ limits: { outstanding: 10 } })
    const release = log.hold()
    const taken = Array.from({ length: 10 }, () => submit(EVENT))
    const refused = await Promise.all(Array.from({ length: 5 }, () => submit({ ...EVENT, id: 'k' })))
    for (const answer of refused) {
      expect(answer).toMatchObject({ error: { code: 'ANNALS_OVERLOADED', retryable: true } })
    }
    expect(sequencer.outstanding).toBe(10)
    release()
    expect((await Promise.all(taken)).every(answer => 'id' in answer)).toBe(true)
    expect(sequencer.outstanding).toBe(0)
    expect(await submit(EVENT)).toMatchObject({ index: 10 })
    expect(await entries()).toHaveLength(11)
  })

  it('refuses with ANNALS_OVERLOADED at the bound of bytes', async () => {
    const { submit, log } = await lab({ limits: { outstandingBytes: 100_000 } })
    const release = log.hold()
    const big = { ...EVENT, data: 'x'.repeat(60_000) }
    const taken = [submit(big), submit(big)]
    expect(await submit(EVENT)).toMatchObject({ error: { code: 'ANNALS_OVERLOADED' } })
    release()
    await Promise.all(taken)
    expect(await submit(EVENT)).toMatchObject({ index: 2 })
  })

  it('more than one batch holds flows through in order', async () => {
    const { submit, log, entries } = await lab()
    const release = log.hold()
    const answers = Array.from({ length: 9_000 }, (_, n) => submit({ action: 'a', data: n }))
    await delay(20)
    release()
    const indexes = (await Promise.all(answers)).map(answer => 'index' in answer && answer.index)
    expect(indexes).toEqual(indexes.map((_, i) => i))
    expect(await entries()).toHaveLength(9_000)
  })
})

describe('time-out', () => {
  const limits = { patienceMs: 80 }

  it('withdraws what was not handed over; the positions stay dense, later ones whole, and the tree right', async () => {
    const { submit, log, entries, unawaited, sequencer } = await lab({ limits })
    await submit(EVENT)
    const release = log.hold()
    const sent = submit({ ...EVENT, data: 'sent' })
    await turn()
    await turn()
    const waiting = [submit({ ...EVENT, data: 'plain' }), submit({ ...EVENT, id: 'k', data: 'keyed' })]
    await delay(60)
    const survivors = [
      submit({ ...EVENT, data: 'later' }),
      submit({ ...EVENT, id: 'k2', data: 'keyed later' }),
    ]
    for (const answer of await Promise.all(waiting)) {
      expect(answer).toMatchObject({ error: { code: 'ANNALS_TIMEOUT', retryable: true } })
      expect((answer as { error: AnnalsError }).error.message).toContain('withdrawn')
    }
    const told = await sent
    expect((told as { error: AnnalsError }).error.message).toContain('ANNALS_NOT_AWAITED')
    release()
    expect(await Promise.all(survivors)).toMatchObject([{ index: 2 }, { index: 3 }])
    expect(await entries()).toHaveLength(4)
    expect(unawaited.map(item => item.index)).toEqual([1])
    expect(sequencer.outstanding).toBe(0)
    expect(await submit({ ...EVENT, id: 'k', data: 'keyed' })).toMatchObject({ index: 4, duplicate: false })
  })

  it('reaches what waits for a look-up that hangs, whatever is in flight', async () => {
    let hang = true
    const { submit, sequencer, entries } = await lab({
      limits,
      store: store =>
        withKeys(store, {
          subjectKeys: async (persons: readonly Person[]) => {
            while (hang) await delay(5)
            return await store.keys.subjectKeys(persons)
          },
        }),
    })
    const answers = await Promise.all([
      submit({ ...EVENT, actor: { type: 'user', id: 'new' } }),
      submit(EVENT),
      submit({ ...EVENT, id: 'k' }),
    ])
    for (const answer of answers) expect(answer).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    expect(sequencer.outstanding).toBe(0)
    hang = false
    expect(await submit({ ...EVENT, actor: { type: 'user', id: 'new' } })).toMatchObject({ index: 0 })
    expect(await entries()).toHaveLength(1)
  })

  it('reaches what waits for a chunk to begin behind a hung append', async () => {
    const clocks = clocksAt(START)
    const { submit, log, sequencer, entries } = await lab({ limits, clocks, period: 'hour' })
    await submit(EVENT)
    const release = log.hold()
    const sent = submit(EVENT)
    await turn()
    await turn()
    clocks.pass(60_000)
    const next = submit({ ...EVENT, data: 'next hour' })
    expect(await next).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    expect(await sent).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    release()
    await sequencer.settled()
    expect(await submit(EVENT)).toMatchObject({ index: 2 })
    expect(await entries()).toHaveLength(3)
  })

  it('reaches who waits for another event with the same key; who still waits is told, and nothing is denied', async () => {
    const { submit, log, unawaited, sequencer } = await lab({ limits })
    const release = log.hold()
    const first = submit({ ...EVENT, id: 'k' })
    await delay(20)
    const second = submit({ ...EVENT, id: 'k' })
    expect(await first).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    expect(await second).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    const third = submit({ ...EVENT, id: 'k' })
    await delay(5)
    release()
    expect(await third).toMatchObject({ index: 0, duplicate: true })
    expect(unawaited).toEqual([])
    expect(sequencer.outstanding).toBe(0)
  })

  it('survivors of a withdrawal keep the time of the chunk they are in', async () => {
    const clocks = clocksAt(START)
    const { submit, log, entries } = await lab({ limits, clocks, period: 'hour' })
    await submit(EVENT)
    const release = log.hold()
    void submit(EVENT)
    await turn()
    await turn()
    const old = submit({ ...EVENT, data: 'old' })
    await delay(60)
    const survivor = submit({ ...EVENT, data: 'survivor' })
    clocks.pass(60_000)
    await old
    release()
    expect(await survivor).toMatchObject({ index: 2 })
    expect(await submit(EVENT)).toMatchObject({ index: 3 })
    const times = (await entries()).map(entry => entry.recordedAt)
    expect(times).toEqual([START, START, START, START + 60_000])
  })
})

describe('a failed append', () => {
  it('rejects its events and those hashed on top of them, and the next append is as if nothing had been', async () => {
    const { submit, log, entries, sequencer, durable } = await lab()
    await submit(EVENT)
    const release = log.hold()
    const inFlight = [submit(EVENT), submit({ ...EVENT, id: 'k' })]
    await turn()
    await turn()
    const onTop = [submit(EVENT), submit({ ...EVENT, actor: { type: 'user', id: 'u' } })]
    await turn()
    release(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
    for (const answer of await Promise.all([...inFlight, ...onTop])) {
      expect(answer).toMatchObject({ error: { code: 'ANNALS_DISK_FULL', retryable: true } })
    }
    expect(sequencer.outstanding).toBe(0)
    const later = await Promise.all([submit(EVENT), submit({ ...EVENT, id: 'k' }), submit(EVENT)])
    expect(later).toMatchObject([{ index: 1 }, { index: 2, duplicate: false }, { index: 3 }])
    expect(await entries()).toHaveLength(4)
    expect(durable).toHaveLength(4)
  })

  it('any pattern of failures and delays leaves a whole log that holds exactly what was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('pass', 'fail', 'slow', 'slow fail'), { maxLength: 8 }),
        fc.array(fc.constantFrom('plain', 'keyed', 'person', 'turn', 'wait'), { maxLength: 40 }),
        async (faults, steps) => {
          const { submit, log, entries, sequencer } = await lab()
          const pattern = [...faults]
          log.before = async () => {
            const fault = pattern.shift() ?? 'pass'
            if (fault.startsWith('slow')) await delay(2)
            if (fault.endsWith('fail')) throw new Error('EIO')
          }
          const answers: Promise<Answer>[] = []
          for (const [n, step] of steps.entries()) {
            if (step === 'turn') await turn()
            else if (step === 'wait') await delay(1)
            else if (step === 'keyed') answers.push(submit({ ...EVENT, data: { n }, id: `k${n}` }))
            else if (step === 'person')
              answers.push(submit({ ...EVENT, actor: { type: 'user', id: `u${n}` } }))
            else answers.push(submit(EVENT))
          }
          const settled = await Promise.all(answers)
          await sequencer.close()
          const recorded = settled.flatMap(answer => ('id' in answer ? [answer.id] : []))
          for (const answer of settled) {
            if ('error' in answer) expect(answer.error.code).toBe('ANNALS_STORE')
          }
          expect((await entries()).map((entry: Entry) => entry.id)).toEqual(recorded)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('a key store that fails refuses only what needs it', async () => {
    let broken = true
    const { submit, entries } = await lab({
      store: store =>
        withKeys(store, {
          subjectKeys: persons =>
            broken ? Promise.reject(new Error('EIO')) : store.keys.subjectKeys(persons),
        }),
    })
    await submit(EVENT)
    expect(await submit({ ...EVENT, actor: { type: 'user', id: 'u' } })).toMatchObject({
      error: { code: 'ANNALS_STORE', cause: { message: 'EIO' } },
    })
    expect(await submit(EVENT)).toMatchObject({ index: 1 })
    broken = false
    expect(await submit({ ...EVENT, actor: { type: 'user', id: 'u' } })).toMatchObject({ index: 2 })
    expect(await entries()).toHaveLength(3)
  })

  it('seeds that cannot be had while another waits with the same key: each is answered, and nothing is counted twice', async () => {
    let broken = false
    const { submit, log, sequencer } = await lab({
      store: store =>
        withKeys(store, {
          chunkSeeds: (chunk, classes) =>
            broken && classes.includes('security')
              ? Promise.reject(new Error('EIO'))
              : store.keys.chunkSeeds(chunk, classes),
        }),
    })
    await submit(EVENT)
    const release = log.hold()
    const first = submit({ ...EVENT, id: 'k' })
    await turn()
    await turn()
    broken = true
    const follower = submit({ ...EVENT, id: 'k' })
    const other = submit({ ...EVENT, retention: 'security' })
    await turn()
    release()
    expect(await first).toMatchObject({ index: 1 })
    expect(await other).toMatchObject({ error: { code: 'ANNALS_STORE' } })
    await follower
    expect(sequencer.outstanding).toBe(0)
    await sequencer.close()
  })
})

describe('chunks', () => {
  it('end with their period: a batch never spans two, and the next begins at the position it should', async () => {
    const clocks = clocksAt(START)
    const { submit, log, entries } = await lab({ clocks, period: 'hour' })
    const batches: { at: number; count: number; chunk: number; first: number; last: number }[] = []
    log.before = batch => {
      batches.push({
        at: batch.at,
        count: batch.count,
        chunk: batch.chunk,
        first: batch.firstTime,
        last: batch.lastTime,
      })
    }
    const answers = [submit(EVENT), submit(EVENT)]
    await Promise.all(answers)
    clocks.pass(59_999)
    await submit(EVENT)
    clocks.pass(1)
    const next = [submit(EVENT), submit({ ...EVENT, id: 'k' }), submit(EVENT)]
    await Promise.all(next)
    clocks.pass(24 * 3_600_000 - 1)
    await submit(EVENT)
    const hour = (time: number): number => Math.floor(time / 3_600_000)
    for (const { first, last } of batches) expect(hour(first)).toBe(hour(last))
    expect(new Set(batches.map(batch => batch.chunk))).toEqual(new Set([0, 3, 6]))
    const held = await entries()
    expect(held.map(entry => hour(entry.recordedAt) - hour(START))).toEqual([0, 0, 0, 1, 1, 1, 24])
  })

  it('the period ends while events wait in one batch: they stay in their chunk, later ones begin the next', async () => {
    const clocks = clocksAt(START)
    const { submit, log, entries } = await lab({ clocks, period: 'hour' })
    await submit(EVENT)
    const release = log.hold()
    const before = [submit(EVENT), submit(EVENT)]
    clocks.pass(60_000)
    const after = [submit(EVENT), submit({ ...EVENT, actor: { type: 'user', id: 'u' } })]
    await delay(5)
    const chunks: number[] = []
    release()
    log.before = batch => {
      chunks.push(batch.chunk)
    }
    expect(await Promise.all([...before, ...after])).toMatchObject([1, 2, 3, 4].map(index => ({ index })))
    expect(chunks.at(-1)).toBe(3)
    const times = (await entries()).map(entry => entry.recordedAt - START)
    expect(times).toEqual([0, 0, 0, 60_000, 60_000])
  })

  it('with nothing but own entries go on over the ends of periods; the first event of another decides when they end', async () => {
    const clocks = clocksAt(START)
    const { submit, log, entries, ends } = await lab({ clocks, period: 'hour' })
    const chunks: number[] = []
    log.before = batch => {
      chunks.push(batch.chunk)
    }
    const own: Draft = { action: 'log.source.open', retention: 'ledger', visibility: 'operator' }
    for (let hour = 0; hour < 3; hour++) {
      await submit(own)
      clocks.pass(3_600_000)
    }
    expect(ends).toEqual([])
    await submit(EVENT)
    await submit(own)
    clocks.pass(59_999)
    await submit(EVENT)
    expect(ends).toEqual([])
    clocks.pass(1)
    await submit(own)
    expect(ends).toEqual([6])
    clocks.pass(86_400_000)
    await submit(own)
    await submit(EVENT)
    expect(ends).toEqual([6])
    expect(chunks).toEqual([0, 0, 0, 0, 0, 0, 6, 6, 6])
    expect(await entries()).toHaveLength(9)
  })

  it('that hold only own entries are gone on with after reopening, also in a later period', async () => {
    const clocks = clocksAt(START)
    const own: Draft = { action: 'log.source.open', retention: 'ledger', visibility: 'operator' }
    const first = await lab({ clocks, period: 'hour' })
    await first.submit(own)
    await first.sequencer.close()
    clocks.pass(7_200_000)
    const second = await lab({ clocks, on: first })
    expect((await second.store.log.open()).chunk).toMatchObject({ lo: 0, own: true })
    await second.submit(own)
    await second.submit(EVENT)
    await second.sequencer.close()
    clocks.pass(60_000)
    const third = await lab({ clocks, on: first })
    expect((await third.store.log.open()).chunk).toMatchObject({ lo: 0, own: false })
    expect(third.ends).toEqual([])
    await third.submit(own)
    expect([second.ends, third.ends]).toEqual([[], [3]])
    expect((await third.store.log.chunks()).map(({ lo, hi, state }) => [lo, hi, state])).toEqual([
      [0, 3, 'closed'],
      [3, 4, 'open'],
    ])
  })

  it('go on for a while when the checkpoint at their end cannot be kept, and end later', async () => {
    const clocks = clocksAt(START)
    const made = await lab({ clocks, period: 'hour' })
    const { submit, entries, ends } = made
    await submit(EVENT)
    made.onEnd = () => {
      throw new Error('no key')
    }
    clocks.pass(60_000)
    expect(await submit(EVENT)).toMatchObject({ index: 1 })
    made.onEnd = () => {}
    clocks.pass(59_000)
    await submit(EVENT)
    expect(ends).toEqual([])
    clocks.pass(1_000)
    await submit(EVENT)
    expect(ends).toEqual([3])
    expect((await made.store.log.chunks()).map(({ lo, hi }) => [lo, hi])).toEqual([
      [0, 3],
      [3, 4],
    ])
    expect(await entries()).toHaveLength(4)
  })

  it('a clock set back stays in the chunk, and one that jumps is reported', async () => {
    const clocks = clocksAt(START + 60_000)
    const { submit, entries, jumps } = await lab({ clocks, period: 'hour' })
    await submit(EVENT)
    clocks.pass(0, -3_600_000)
    await submit(EVENT)
    clocks.pass(0, 7_200_000)
    await submit(EVENT)
    expect(new Set((await entries()).map(entry => entry.recordedAt))).toEqual(new Set([START + 60_000]))
    expect(jumps).toMatchObject([{ believed: false }])
  })
})

describe('T4: idempotency', () => {
  it('the same key at once, in flight and after commit is one event', async () => {
    const { submit, log, entries } = await lab()
    const draft = { ...EVENT, id: 'same' }
    const atOnce = await Promise.all([submit(draft), submit(draft), submit(draft)])
    expect(atOnce.map(answer => 'duplicate' in answer && answer.duplicate)).toEqual([false, true, true])
    const release = log.hold()
    const second = { ...EVENT, id: 'second' }
    const first = submit(second)
    await turn()
    await turn()
    const late = submit(second)
    await turn()
    release()
    expect(await Promise.all([first, late])).toMatchObject([{ index: 1 }, { index: 1, duplicate: true }])
    expect(await submit(draft)).toEqual({ ...atOnce[0], duplicate: true })
    expect(await entries()).toHaveLength(2)
  })

  it('the same key with other content is a conflict, wherever the first one is', async () => {
    const { submit, log, entries } = await lab()
    const conflict = { error: { code: 'ANNALS_CONFLICT', path: '/id' } }
    const [first, other] = await Promise.all([
      submit({ ...EVENT, id: 'k' }),
      submit({ ...EVENT, id: 'k', data: 2 }),
    ])
    expect(first).toMatchObject({ index: 0 })
    expect(other).toMatchObject(conflict)
    expect(await submit({ ...EVENT, id: 'k', action: 'machine.stop' })).toMatchObject(conflict)
    expect(await submit({ ...EVENT, id: 'k', outcome: 'denied' })).toMatchObject(conflict)
    expect(await submit({ ...EVENT, id: 'k', actor: { type: 'user', id: 'u' } })).toMatchObject(conflict)
    const release = log.hold()
    const inFlight = submit({ ...EVENT, id: 'flight' })
    await turn()
    await turn()
    expect(await submit({ ...EVENT, id: 'flight', data: 3 })).toMatchObject(conflict)
    release()
    await inFlight
    expect(await entries()).toHaveLength(2)
  })

  it('a draft without occurredAt may come again at another time, though its data has a member of that name', async () => {
    const { submit } = await lab()
    const draft = { ...EVENT, id: 'k', data: { occurredAt: 'then', a: 1 } }
    expect(await submit(draft)).toMatchObject({ index: 0 })
    await delay(5)
    expect(await submit(draft)).toMatchObject({ index: 0, duplicate: true })
    expect(await submit({ ...draft, data: { occurredAt: 'now', a: 1 } })).toMatchObject({
      error: { code: 'ANNALS_CONFLICT' },
    })
  })

  it('a given occurredAt is part of the content', async () => {
    const { submit } = await lab()
    const draft = { ...EVENT, id: 'k', occurredAt: '2026-01-01T00:00:00.000Z' }
    expect(await submit(draft)).toMatchObject({ index: 0 })
    expect(await submit(draft)).toMatchObject({ duplicate: true })
    expect(await submit({ ...draft, occurredAt: '2026-01-01T00:00:00.001Z' })).toMatchObject({
      error: { code: 'ANNALS_CONFLICT' },
    })
  })

  it('once a part was erased the recorded id is answered, whatever the content; once the entry was thinned the key is free', async () => {
    const clocks = clocksAt(START)
    const { submit, store, log, entries } = await lab({ clocks, period: 'hour' })
    const first = await submit({ ...EVENT, id: 'k' })
    await submit({ ...EVENT, id: 'other' })
    await store.log.erase([[0, 'what']])
    expect(await submit({ ...EVENT, id: 'k', data: 2 })).toEqual({ ...first, duplicate: true })
    expect(await submit({ ...EVENT, id: 'other', data: 2 })).toMatchObject({
      error: { code: 'ANNALS_CONFLICT' },
    })
    expect(await entries()).toHaveLength(2)
    const note = await store.signer.sign(2, rootOfMark((await store.log.open()).tree), async () => [])
    await store.log.keep(note)
    clocks.pass(60_000)
    await submit(EVENT)
    await store.log.seal(0)
    // Thinned at the moment at which the key has been found and its entry is about to be read.
    const read = store.log.read.bind(log)
    log.read = (from, to) => {
      log.read = read
      return (async function* () {
        await store.log.thin(0, [[0, 2]])
        yield* read(from, to)
      })()
    }
    expect(await submit({ ...EVENT, id: 'other', data: 3 })).toMatchObject({ index: 3, duplicate: false })
    expect(await submit({ ...EVENT, id: 'k', data: 3 })).toMatchObject({ index: 4, duplicate: false })
  })

  it('the outcome of another operation is other content', async () => {
    const { submit } = await lab()
    const [one, two] = await Promise.all([submit(EVENT), submit(EVENT)])
    const outcome = { ...EVENT, id: 'k', phase: 'outcome' as const, outcome: 'success' as const }
    expect(await submit({ ...outcome, operation: (one as { id: string }).id })).toMatchObject({ index: 2 })
    expect(await submit({ ...outcome, operation: (two as { id: string }).id })).toMatchObject({
      error: { code: 'ANNALS_CONFLICT' },
    })
  })

  it('who follows an event whose write fails is refused with it, and may come again', async () => {
    const { submit, log, entries } = await lab()
    await submit(EVENT)
    const release = log.hold()
    const draft = { ...EVENT, id: 'k' }
    const first = submit(draft)
    await turn()
    await turn()
    const follower = submit(draft)
    await turn()
    release(new Error('EIO'))
    expect(await Promise.all([first, follower])).toMatchObject([
      { error: { code: 'ANNALS_STORE' } },
      { error: { code: 'ANNALS_STORE' } },
    ])
    const again = await Promise.all([submit(draft), submit(draft)])
    expect(again).toMatchObject([
      { index: 1, duplicate: false },
      { index: 1, duplicate: true },
    ])
    expect(await entries()).toHaveLength(2)
  })

  it('two that waited for a first whose write failed during their look-up are one event', async () => {
    const gates: Promise<void>[] = []
    const { submit, log, entries } = await lab({
      store: store => ({
        ...store,
        search: Object.assign(Object.create(store.search), {
          keyed: async (keys: readonly string[]) => {
            await gates.shift()
            return await store.search.keyed(keys)
          },
        }),
      }),
    })
    await submit(EVENT)
    const release = log.hold()
    const draft = { ...EVENT, id: 'k' }
    const first = submit(draft)
    await turn()
    await turn()
    const [open, passOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    gates.push(open.promise, passOn.promise)
    const ahead = submit({ ...EVENT, id: 'ahead' })
    const two = [submit(draft), submit(draft), submit({ ...EVENT, id: 'other' })]
    open.resolve()
    await turn()
    release(new Error('EIO'))
    for (const lost of [first, ahead]) expect(await lost).toMatchObject({ error: { code: 'ANNALS_STORE' } })
    passOn.resolve()
    expect(await Promise.all(two)).toMatchObject([
      { index: 1, duplicate: false },
      { index: 1, duplicate: true },
      { index: 2 },
    ])
    expect(await entries()).toHaveLength(3)
  })

  it('any multiset of keys gives one event per key, and every answer names it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(5), fc.nat(2)), { maxLength: 60 }), async uses => {
        const { submit, entries } = await lab()
        const answers: Promise<Answer>[] = []
        for (const [key, pause] of uses) {
          answers.push(submit({ action: 'a', data: key, id: `k${key}` }))
          if (pause === 2) await turn()
        }
        const settled = (await Promise.all(answers)) as { index: number; duplicate: boolean }[]
        const places = new Map<number, number>()
        for (const [i, [key]] of uses.entries()) {
          expect(settled[i]!.duplicate).toBe(places.has(key))
          expect(settled[i]!.index).toBe(places.get(key) ?? settled[i]!.index)
          places.set(key, settled[i]!.index)
        }
        expect(await entries()).toHaveLength(places.size)
      }),
      { numRuns: 60 },
    )
  })
})

describe('settled and close', () => {
  it('settled waits for what came before it, not for what comes meanwhile', async () => {
    const { submit, sequencer } = await lab()
    let running = true
    const load = (async () => {
      while (running) {
        void submit(EVENT)
        await turn()
      }
    })()
    const mine = submit(EVENT)
    let told = false
    void mine.then(() => {
      told = true
    })
    await sequencer.settled()
    expect(told || (await mine)).toBeTruthy()
    running = false
    await load
    await sequencer.close()
  })

  it('P5: close waits for what is in flight, and refuses what comes', async () => {
    const { submit, log, sequencer, entries } = await lab()
    const release = log.hold()
    const inFlight = [submit(EVENT), submit({ ...EVENT, id: 'k' })]
    await turn()
    const closing = sequencer.close()
    expect(await submit(EVENT)).toMatchObject({ error: { code: 'ANNALS_CLOSED' } })
    release()
    await closing
    expect(await Promise.all(inFlight)).toMatchObject([{ index: 0 }, { index: 1 }])
    expect(await entries()).toHaveLength(2)
  })

  it('T20: close over a hung store is bounded, and says how many events have no answer', async () => {
    const { submit, log, sequencer } = await lab({ limits: { patienceMs: 60 } })
    await submit(EVENT)
    log.hold()
    const answers = [submit(EVENT), submit(EVENT)]
    await turn()
    const started = performance.now()
    await expect(sequencer.close()).rejects.toMatchObject({
      code: 'ANNALS_TIMEOUT',
      message: expect.stringContaining('2 events'),
    })
    expect(performance.now() - started).toBeLessThan(20_000)
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ error: { code: 'ANNALS_TIMEOUT' } })
    }
  })

  it('settled over a hung store is bounded too', async () => {
    const { submit, log, sequencer } = await lab({ limits: { patienceMs: 60 } })
    const release = log.hold()
    void submit(EVENT)
    await turn()
    await expect(sequencer.settled()).rejects.toMatchObject({ code: 'ANNALS_TIMEOUT' })
    release()
    await sequencer.close()
  })

  it('an idle sequencer settles and closes at once', async () => {
    const { sequencer } = await lab()
    await sequencer.settled()
    await sequencer.close()
    await sequencer.close()
  })
})

function clocksAt(start: number): Required<Clocks> & { pass(ms: number, step?: number): void } {
  let wall = start
  let mono = 0
  return {
    wall: () => wall,
    mono: () => mono,
    pass(ms, step = 0) {
      wall += ms + step
      mono += ms
    },
  }
}
