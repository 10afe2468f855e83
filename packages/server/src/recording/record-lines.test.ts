import { setTimeout as delay } from 'node:timers/promises'
import type { Draft } from 'annals'
import { describe, expect, it } from 'vitest'
import { BodyReader } from './body-reader.ts'
import { type Results, recordLines } from './record-lines.ts'

const HOUR = 3_600_000
const take = (value: unknown): Draft => value as Draft

/** A store that answers when it is let. */
function slowStore(): {
  record(drafts: readonly Draft[]): Promise<Results>
  readonly waiting: number
  letGo(): void
} {
  let release: (() => void)[] = []
  let waiting = 0
  let index = 0
  return {
    async record(drafts) {
      const first = index
      index += drafts.length
      waiting += drafts.length
      await new Promise<void>(resolve => release.push(resolve))
      waiting -= drafts.length
      return {
        results: drafts.map((_, at) => ({ id: 'x', index: first + at, level: 'stored' })),
        level: 'stored',
      }
    },
    get waiting() {
      return waiting
    },
    letGo() {
      const all = release
      release = []
      for (const one of all) one()
    },
  }
}

describe('recordLines', () => {
  it('reads no further while too much waits to become durable, however much the client sends', async () => {
    const line = Buffer.from(`${JSON.stringify({ action: 'a', data: 'x'.repeat(1000) })}\n`)
    let read = 0
    async function* client(): AsyncGenerator<Buffer> {
      for (; read < 20_000; read += 60) yield Buffer.concat(new Array(60).fill(line))
    }
    const store = slowStore()
    const results: number[] = []
    const body = new BodyReader(client(), HOUR)
    const done = (async () => {
      for await (const { results: some } of recordLines(body, { take, record: store.record }))
        for (const one of some) if ('index' in one) results.push(one.index)
    })()
    let most = 0
    while (results.length < 20_000) {
      await delay(1)
      most = Math.max(most, store.waiting)
      expect(store.waiting).toBeLessThan(1_024 + 60)
      expect(read - results.length).toBeLessThan(1_024 + 3 * 60)
      store.letGo()
    }
    await done
    expect(most).toBeGreaterThan(500)
    expect(results).toEqual(results.map((_, at) => at))
  })

  it('hands over what has arrived although more is to come, and answers it', async () => {
    let send: (text: string) => void = () => {}
    async function* client(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.from(await new Promise<string>(resolve => (send = resolve)))
    }
    const store = slowStore()
    const body = new BodyReader(client(), HOUR)
    const answers = recordLines(body, { take, record: store.record })
    for (const [nth, text] of ['{"action":"a"}\n{"act', 'ion":"b"}\n'].entries()) {
      const answer = answers.next()
      await delay(1)
      send(text)
      while (store.waiting === 0) await delay(1)
      store.letGo()
      expect(await answer).toMatchObject({ done: false, value: { results: [{ index: nth }] } })
    }
    const last = answers.next()
    body.end('stopping')
    expect(await last).toEqual({ done: true, value: 'stopping' })
  })

  it('records what has arrived when nobody waits for the answers any more', async () => {
    const store = slowStore()
    let send: () => void = () => {}
    const later = new Promise<void>(resolve => (send = resolve))
    async function* client(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"action":"a"}\n')
      await later
      yield Buffer.from('{"action":"b"}\n{"act')
    }
    const answers = recordLines(new BodyReader(client(), HOUR), { take, record: store.record })
    const first = answers.next()
    while (store.waiting === 0) await delay(1)
    store.letGo()
    await first
    const ended = answers.return(undefined)
    send()
    await ended
    while (store.waiting === 0) await delay(1)
    store.letGo()
  })

  it('ends when nothing arrives', async () => {
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }
    const answers = recordLines(new BodyReader(never, 5), { take, record: slowStore().record })
    expect(await answers.next()).toEqual({ done: true, value: 'idle' })
  })
})
