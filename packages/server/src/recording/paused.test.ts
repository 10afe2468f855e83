import { pause, resume } from 'annals/lifecycle'
import { openRemote } from 'annals/remote'
import { expect, it } from 'vitest'
import { post } from '../testing/post-events.ts'
import { serve, type TestServer } from '../testing/serve.ts'

const PAUSED = { id: '', index: -1, level: 'none', paused: true }
const NDJSON = 'application/x-ndjson'

async function pausedServer(): Promise<TestServer> {
  const server = await serve()
  await server.trail.perform(pause, { tenant: 'dev', project: 'sandbox', reason: 'load test' })
  return server
}

it('what is paused is told apart from what is recorded, in every way to record', async () => {
  await using server = await pausedServer()
  const left = { action: 'a.b', tenant: 'dev', project: 'sandbox' }
  const kept = { action: 'a.c', tenant: 'dev' }
  const one = await post(server, left, { query: '?await=proved' })
  expect([one.status, one.headers.get('location'), one.json]).toEqual([200, null, PAUSED])
  const many = await post(server, [left, kept])
  expect(many.json).toMatchObject({
    results: [PAUSED, { level: 'stored' }],
    counts: { recorded: 1, duplicates: 0, refused: 0, paused: 1 },
  })
  const lines = `${JSON.stringify(left)}\n${JSON.stringify(kept)}\n`
  const stream = await post(server, lines, { type: NDJSON })
  const [first, , last] = stream.text.trimEnd().split('\n')
  expect([first, last].map(line => JSON.parse(line as string))).toMatchObject([
    PAUSED,
    { counts: { recorded: 1, duplicates: 0, refused: 0, paused: 1 } },
  ])
  const summary = await post(server, lines, { type: NDJSON, query: '?answer=summary' })
  expect(summary.json.counts).toMatchObject({ recorded: 1, paused: 1 })
  expect((await server.trail.count('project:sandbox')).total).toBe(0)
})

it('a remote trail knows what was left out: an operation as a whole, also when recording goes on meanwhile', async () => {
  await using server = await pausedServer()
  await using remote = await openRemote({ url: server.url, token: server.key })
  const draft = { tenant: 'dev', project: 'sandbox' }
  expect(await remote.record('a.b', draft)).toEqual(PAUSED)
  const operation = await remote.begin('a.op', draft)
  await server.trail.perform(resume, { ...draft, reason: 'over' })
  expect(await operation.finish('success')).toEqual(PAUSED)
  expect(await remote.wrap('a.d', draft, () => 'done')).toBe('done')
  const events = await Array.fromAsync(server.trail.events('project:sandbox'))
  expect(events.map(({ action, phase }) => [action, phase])).toEqual([
    ['a.d', 'attempt'],
    ['a.d', 'outcome'],
  ])
})

it('a pause is a gap from its beginning to its end, and that of a project ends with no other', async () => {
  await using server = await pausedServer()
  await server.trail.perform(pause, { project: 'other', reason: 'r' })
  const gaps = async (): Promise<readonly { readonly kind: string; readonly to?: string }[]> =>
    ((await (await server.ask('/v1/count')).json()) as { gaps: { kind: string; to?: string }[] }).gaps
  await expect.poll(async () => (await gaps()).length).toBe(2)
  await server.trail.perform(resume, { project: 'other', reason: 'r' })
  await expect.poll(async () => (await gaps()).map(({ to }) => to !== undefined)).toEqual([false, true])
  await server.trail.perform(resume, { tenant: 'dev', project: 'sandbox', reason: 'r' })
  await expect.poll(async () => (await gaps()).map(({ to }) => to !== undefined)).toEqual([true, true])
})
