import { once } from 'node:events'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { sampleDrafts } from 'annals/testing'
import { describe, expect, it } from 'vitest'
import { serve, type TestServer } from '../testing/serve.ts'

const NDJSON = 'application/x-ndjson'

/** A request whose body is still being written while its answer is read. */
function openPost(
  server: TestServer,
  { query = '', token = server.key } = {},
): {
  write(text: string): void
  end(text?: string): void
  destroy(): void
  /** The next line of the answer; undefined at its end. */
  line(): Promise<unknown>
  readonly status: Promise<number | undefined>
} {
  const sent = request(new URL(`/v1/events${query}`, server.url), {
    method: 'POST',
    headers: { 'Content-Type': NDJSON, Authorization: `Bearer ${token}` },
  })
  sent.on('error', () => {})
  sent.flushHeaders()
  const answer = once(sent, 'response').then(([response]) => response)
  const lines = answer.then(response => createInterface({ input: response })[Symbol.asyncIterator]())
  return {
    write: text => void sent.write(text),
    end: text => void sent.end(text),
    destroy: () => void sent.destroy(),
    async line() {
      const { done, value } = await (await lines).next()
      return done === true ? undefined : JSON.parse(value)
    },
    status: answer.then(response => response.statusCode),
  }
}

async function post(server: TestServer, body: string | Buffer, query = '', headers = {}): Promise<unknown[]> {
  const answer = await server.ask(`/v1/events${query}`, {
    method: 'POST',
    body: body as string,
    headers: { 'Content-Type': NDJSON, ...headers },
  })
  expect(answer.headers.get('content-type')).toContain(
    query.includes('summary') ? 'application/json' : NDJSON,
  )
  return (await answer.text())
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

describe('POST /v1/events with NDJSON', () => {
  it('answers each line when it is durable, while the client still sends', async () => {
    await using server = await serve()
    const stream = openPost(server)
    for (const action of ['a', 'b', 'c']) {
      stream.write(`{"action":"${action}"}\n{"act`)
      const answer = (await stream.line()) as { id: string; index: number }
      expect(await server.trail.get(answer.id)).toMatchObject({ action, index: answer.index })
      stream.write(`ion":"half.${action}"}\n`)
      expect(await stream.line()).toMatchObject({ index: answer.index + 1, level: 'stored' })
    }
    stream.end('{"action":"last"}')
    expect(await stream.line()).toMatchObject({ level: 'stored' })
    expect(await stream.line()).toEqual({
      counts: { recorded: 7, duplicates: 0, refused: 0 },
      requestId: expect.any(String),
    })
    expect(await stream.line()).toBeUndefined()
  })

  it('keeps the order of the lines, and one that is malformed is one refused result (T24)', async () => {
    await using server = await serve()
    const drafts = [...sampleDrafts({ count: 3_000, seed: 5 })]
    const lines = drafts.map(draft => JSON.stringify(draft))
    lines.splice(
      500,
      0,
      '{"action":"a"',
      '',
      '{"action":"a","n":1}',
      '{"action":"a","data":12345678901234567890}',
    )
    lines.splice(2_000, 0, `{"action":"a","data":"${'x'.repeat(1024 * 1024)}"}`, '\r', '[]')
    const body = Buffer.concat([Buffer.from(`\ufeff${lines.join('\r\n')}\n`), Buffer.of(0xff, 10)])
    const answers = await post(server, body)
    expect(answers.pop()).toMatchObject({ counts: { recorded: 3_000, duplicates: 0, refused: 6 } })
    expect(answers).toHaveLength(3_006)
    expect(answers.slice(499, 504)).toMatchObject([
      { level: 'stored' },
      { error: { code: 'ANNALS_INVALID', path: '' } },
      { error: { code: 'ANNALS_INVALID', path: '/n' } },
      { error: { code: 'ANNALS_INVALID', path: '/data', hint: 'Send it as a string.' } },
      { level: 'stored' },
    ])
    expect(answers.slice(1_998, 2_001)).toMatchObject([
      { level: 'stored' },
      { error: { code: 'ANNALS_LIMIT' } },
      { error: { code: 'ANNALS_INVALID' } },
    ])
    expect(answers.at(-1)).toMatchObject({ error: { message: 'The line is not UTF-8.' } })
    const stored = await Array.fromAsync(server.trail.events())
    expect(stored.map(event => event.action)).toEqual(drafts.map(draft => draft.action))
    const indexes = answers.flatMap(answer =>
      'index' in (answer as object) ? [(answer as { index: number }).index] : [],
    )
    expect(indexes).toEqual(stored.map(event => event.index))
  })

  it('sent again with the same key records nothing twice, also when it was cut off', async () => {
    await using server = await serve()
    const lines = Array.from({ length: 2_000 }, (_, at) => `{"action":"a.n${at % 7}"}`)
    const cut = await post(server, lines.slice(0, 700).join('\n'), '', { 'Idempotency-Key': 'import-1' })
    const whole = await post(server, lines.join('\n'), '', { 'Idempotency-Key': 'import-1' })
    expect(whole.pop()).toMatchObject({ counts: { recorded: 1_300, duplicates: 700, refused: 0 } })
    expect(whole.slice(0, 700)).toEqual(
      cut.slice(0, 700).map(one => ({ ...(one as object), duplicate: true })),
    )
    expect(await server.trail.count()).toMatchObject({ total: 2_000 })
  })

  it('answers in sum when asked', async () => {
    await using server = await serve()
    const lines = Array.from({ length: 1_000 }, (_, at) => (at % 4 === 0 ? 'nonsense' : '{"action":"a"}'))
    const [sum] = (await post(server, lines.join('\n'), '?answer=summary')) as [
      { counts: unknown; errors: unknown[] },
    ]
    expect(sum.counts).toEqual({ recorded: 750, duplicates: 0, refused: 250 })
    expect(sum.errors).toHaveLength(100)
    expect(sum.errors[99]).toMatchObject({ position: 396, code: 'ANNALS_INVALID', path: '' })
    expect(await post(server, '\n \n', '?answer=summary')).toMatchObject([
      { counts: { recorded: 0 }, errors: [] },
    ])
  })

  it('records what had arrived when the client hangs up, and no half line', async () => {
    await using server = await serve()
    const stream = openPost(server)
    stream.write('{"action":"a"}\n{"action":"b"}\n')
    expect(await stream.line()).toMatchObject({ level: 'stored' })
    stream.write('{"action":"c"}\n{"action":"d"}')
    await stream.line()
    await stream.line()
    stream.destroy()
    // The next request has a place again, and the log is whole.
    expect(await post(server, '{"action":"e"}')).toMatchObject([
      { level: 'stored' },
      { counts: { recorded: 1 } },
    ])
    const actions = (await Array.fromAsync(server.trail.events())).map(event => event.action)
    expect(actions).toEqual(['a', 'b', 'c', 'e'])
  })

  it('may take longer than other requests, as long as something arrives', async () => {
    await using server = await serve({ limits: { requestSeconds: 2, headersSeconds: 1 } })
    const stream = openPost(server)
    for (let nth = 0; nth < 10; nth += 1) {
      stream.write('{"action":"a"}\n')
      expect(await stream.line()).toMatchObject({ level: 'stored' })
      await delay(500)
    }
    expect(await stream.line()).toMatchObject({ counts: { recorded: 10 }, ended: { code: 'ANNALS_TIMEOUT' } })
    expect(await stream.line()).toBeUndefined()
  })

  it('ends with its credential, and what it was answered is stored', async () => {
    await using server = await serve()
    const { key, token } = await server.keys.create({ name: 'r', role: 'recorder' })
    const stream = openPost(server, { token })
    stream.write('{"action":"a"}\n')
    expect(await stream.line()).toMatchObject({ level: 'stored' })
    await server.ask(`/v1/keys/${key.id}`, { method: 'DELETE' })
    await server.keys.revoke(key.id)
    expect(await stream.line()).toMatchObject({
      counts: { recorded: 1 },
      ended: { code: 'ANNALS_UNAUTHENTICATED' },
    })
  })

  it('ends when the server stops, cleanly', async () => {
    const server = await serve()
    const stream = openPost(server)
    stream.write('{"action":"a"}\n')
    expect(await stream.line()).toMatchObject({ level: 'stored' })
    const closed = server.close()
    expect(await stream.line()).toMatchObject({ counts: { recorded: 1 }, ended: { code: 'ANNALS_CLOSED' } })
    expect(await stream.line()).toBeUndefined()
    await closed
  })

  it('only so many at a time', async () => {
    await using server = await serve()
    const open = Array.from({ length: 48 }, () => openPost(server))
    for (const stream of open) stream.write('{"action":"a"}\n')
    for (const stream of open) await stream.line()
    const refused = await server.ask('/v1/events', {
      method: 'POST',
      body: '{"action":"b"}',
      headers: { 'Content-Type': NDJSON },
    })
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(await refused.json()).toMatchObject({ code: 'ANNALS_OVERLOADED' })
    for (const stream of open) stream.end()
    for (const stream of open) while ((await stream.line()) !== undefined);
    expect(await post(server, '{"action":"b"}')).toHaveLength(2)
  })
})
