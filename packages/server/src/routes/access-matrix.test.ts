import type { AuditEvent } from 'annals/model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROUTES } from './index.ts'
import { type Asker, actsIn, type Matrix, NOWHERE, plain } from './matrix/asker.test-support.ts'
import { MATRIX_CASES, type MatrixCase } from './matrix/cases.test-support.ts'
import { canariesIn, canary, MATRIX_EVENTS } from './matrix/events.test-support.ts'
import { askerFor, openMatrix } from './matrix/open-matrix.test-support.ts'
import { HARMLESS, NO_ID, PROBES } from './matrix/probes.test-support.ts'
import { type AskQuery, QUERIES, questionsFor } from './matrix/queries.test-support.ts'

// T38: every reader × every event × every way to read. Each event is full of canaries; no answer may hold one that its reader may
// not see, in body or headers, whatever is asked. A new route is a line in QUERIES, PROBES or HARMLESS.

/** Questions under way at a time. */
const AT_ONCE = 12
let matrix: Matrix & AsyncDisposable

describe('the matrix of readers, events and routes', () => {
  beforeAll(async () => {
    matrix = await openMatrix()
  }, 180_000)
  afterAll(() => matrix?.[Symbol.asyncDispose]())

  it('has a line for every route', () => {
    const known = [...Object.keys(QUERIES), ...Object.keys(PROBES), ...HARMLESS]
    expect(ROUTES.map(route => route.id).filter(id => !known.includes(id))).toEqual([])
    expect(known.filter(id => !ROUTES.some(route => route.id === id))).toEqual([])
  })

  describe.each(MATRIX_CASES.map(reader => [reader.title, reader] as const))('%s', (_, reader) => {
    let asker: Asker
    beforeAll(async () => {
      asker = await askerFor(matrix, reader)
    })

    it.each(Object.keys(QUERIES))(
      'finds by %s what they may see, and no more',
      { timeout: 300_000 },
      async id => {
        const ask = QUERIES[id] as AskQuery
        const questions = questionsFor(asker, MATRIX_CASES.indexOf(reader) + Object.keys(QUERIES).indexOf(id))
        for (let at = 0; at < questions.length; at += AT_ONCE)
          await Promise.all(
            questions.slice(at, at + AT_ONCE).map(async ({ query, nths }) => {
              const found = await ask(asker, query)
              const expected = typeof found === 'number' ? nths.length : nths
              if (found !== undefined) expect(found, query).toEqual(expected)
            }),
          )
      },
    )

    it.each(Object.keys(PROBES))(
      'is shown by %s what they may see, and no more',
      { timeout: 180_000 },
      async id => {
        await PROBES[id]?.(asker)
      },
    )

    it('has full pages (T39), also with the cursor of another', async () => {
      if (reader.key.role === 'recorder') return
      const found: number[] = []
      let path: string | undefined = '/v1/events?limit=3&query=action:act.*'
      while (path !== undefined) {
        const { text } = await asker.ask(path)
        const { events, next } = JSON.parse(text) as { events: readonly AuditEvent[]; next?: string }
        if (next !== undefined) expect(events).toHaveLength(3)
        found.push(...events.map(event => nthOf(event)))
        path = next === undefined ? undefined : `/v1/events?limit=3&query=action:act.*&cursor=${next}`
      }
      expect(found.toReversed()).toEqual(asker.seen.map(event => event.nth))
      const admin = await askerFor(matrix, MATRIX_CASES[0] as MatrixCase)
      const { next } = JSON.parse((await admin.ask('/v1/events?limit=5&query=action:act.*')).text) as {
        next: string
      }
      const { text } = await asker.ask(`/v1/events?limit=1000&query=action:act.*&cursor=${next}`)
      expect(actsIn(text)).toEqual(
        asker.seen.map(({ nth }) => nth).filter(nth => nth < MATRIX_EVENTS.length - 5),
      )
    })

    it('cannot tell what is hidden from what is not there', async () => {
      if (reader.key.role === 'recorder') return
      for (const event of asker.hidden.slice(0, 3)) {
        const { id, index } = matrix.recorded.get(event.nth) as AuditEvent
        for (const [hidden, absent] of [
          [`seek=${id}`, `seek=${NO_ID}`],
          [`seekEnd=${id}`, `seekEnd=${NO_ID}`],
          [`query=id:${id}`, `query=id:${NO_ID}`],
          [`query=index:${index}`, 'query=index:99999999'],
          [`query=${canary('tgt', event.nth)}`, `query=${canary('tgt', NOWHERE)}`],
          [`query=target:${canary('tgt', event.nth)}`, `query=target:${canary('tgt', NOWHERE)}`],
          [`query=ip:${canary('ip', event.nth)}`, 'query=ip:10.78.9.1'],
          [`query=action:${event.action}`, `query=action:act.${canary('act', NOWHERE)}`],
        ] as const)
          expect(plain(await asker.ask(`/v1/events?${hidden}`), hidden)).toEqual(
            plain(await asker.ask(`/v1/events?${absent}`), absent),
          )
      }
    })
  })
})

function nthOf({ action }: AuditEvent): number {
  return canariesIn(action)[0]?.nth ?? -1
}
