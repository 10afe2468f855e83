import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { AuditEvent } from 'annals'
import { describe, expect, onTestFinished, test } from 'vitest'
import { annalsHere } from '../testing/in-process.ts'
import { linesOf, ndjson, someDrafts } from '../testing/log.ts'
import { type SpawnedServer, startServer } from '../testing/server.ts'
import { annals, finished, startAnnals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

async function serve(dir: string, ...words: string[]): Promise<SpawnedServer> {
  return await startServer(['serve', '--dir', dir, '--log-level', 'error', ...words])
}

function signedIn({ url, key }: Pick<SpawnedServer, 'url' | 'key'>): Readonly<Record<string, string>> {
  return { ANNALS_ENDPOINT: url, ANNALS_TOKEN: key as string }
}

async function emit(
  env: Readonly<Record<string, string>>,
  drafts: readonly unknown[],
): Promise<{ id: string; index: number }[]> {
  const { code, stdout, stderr } = await annals(['emit', '-o', 'ndjson', '-q'], {
    env,
    stdin: ndjson(drafts),
  })
  expect([code, stderr]).toEqual([0, ''])
  return linesOf(stdout) as { id: string; index: number }[]
}

test('commands say the same of a server as of its directory', async () => {
  const dir = join(temporary(), 'log')
  const server = await serve(dir)
  const env = signedIn(server)
  const receipts = await emit(env, someDrafts(60))
  expect(receipts.map(({ index }) => index)).toEqual(
    receipts.map((_, nth) => (receipts[0]?.index ?? 0) + nth),
  )
  const id = receipts[3]?.id as string
  for (const words of [
    ['list', '--tz', 'UTC', '-o', 'ndjson'],
    ['list', '--limit', '0', '-o', 'wide', '--tz', 'UTC', 'outcome:denied'],
    ['list', '--reverse', '-o', 'sentence'],
    ['list', 'action:none', '-o', 'json'],
    ['list', '--expect', '60', '--limit', '10', '-o', 'id', 'action:test.event'],
    ['get', id, '--tz', 'UTC'],
    ['get', String(receipts[5]?.index), '--raw'],
    ['stats', '--by', 'outcome,actor', '-o', 'json'],
    ['catalog', 'list', '-o', 'json', '--fields', 'action,version,describe'],
    ['proof', id, '--disclose', 'all'],
  ]) {
    const there = await annalsHere(words, { env })
    const here = await annalsHere([...words, '--dir', dir])
    expect([words, there.code, there.stdout]).toEqual([words, 0, here.stdout])
  }
  const note = await annalsHere(['checkpoint', 'latest'], { env })
  expect(note.stdout.split('\n')[0]).toBe(
    (await annalsHere(['checkpoint', 'latest', '--dir', dir])).stdout.split('\n')[0],
  )
  const missing = await annalsHere(['get', '019a7c1e-7a52-7d0c-b3b1-f0e8a4d11000'], { env })
  expect(missing.code).toBe(4)
  expect(missing.stderr).toContain(server.url)
})

test('tail goes on over a restart of the server, each event once, and prints how to go on', async () => {
  const dir = join(temporary(), 'log')
  const first = await serve(dir)
  const port = new URL(first.url).port
  const env = signedIn(first)
  const [start] = await emit(env, someDrafts(5))
  const child = startAnnals(['tail', '-o', 'ndjson', '--since', String(start?.index)], { env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const done = finished(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const seen: number[] = []
  const take = async (count: number): Promise<void> => {
    for (let nth = 0; nth < count; nth++)
      seen.push((JSON.parse((await lines.next()).value as string) as AuditEvent).index)
  }
  await take(5)
  await first.stop('SIGKILL')
  await serve(dir, '--port', port)
  await emit(env, someDrafts(5))
  await take(5)
  child.kill('SIGINT')
  const { code, stderr } = await done
  expect(code).toBe(130)
  expect(stderr).toContain(`--endpoint ${first.url}`)
  const again = (await annals(['list', '--dir', dir, '--reverse', '-o', 'ndjson'])).stdout
  expect(seen).toEqual((linesOf(again) as AuditEvent[]).map(event => event.index))
})

describe('what goes wrong', () => {
  test('refused drafts are told by line, and the others are recorded', async () => {
    const env = signedIn(await serve(join(temporary(), 'log')))
    const drafts = [...someDrafts(1), { action: 7 }, ...someDrafts(1)]
    const { code, stdout, stderr } = await annals(['emit', '-o', 'ndjson'], { env, stdin: ndjson(drafts) })
    expect(code).toBe(1)
    expect(linesOf(stdout)).toHaveLength(2)
    expect(stderr).toContain('line 2')
  })

  test('a wrong token: exit 3; one that may not: exit 3; no server: exit 7', async () => {
    const server = await serve(join(temporary(), 'log'))
    const wrong = { ...signedIn(server), ANNALS_TOKEN: `annals_${'0'.repeat(16)}_${'A'.repeat(43)}` }
    const made = await annals(['token', 'create', '--name', 'r', '--role', 'recorder'], {
      env: signedIn(server),
    })
    const recorder = { ...signedIn(server), ANNALS_TOKEN: made.stdout.trim() }
    const draft = { stdin: ndjson(someDrafts(3)) }
    expect((await annals(['list'], { env: wrong })).code).toBe(3)
    expect((await annals(['tail', '--since', '0'], { env: wrong })).code).toBe(3)
    const emitted = await annals(['emit'], { env: wrong, ...draft })
    expect([emitted.code, emitted.stdout]).toEqual([3, ''])
    expect((await annals(['emit'], { env: recorder, ...draft })).code).toBe(0)
    expect((await annals(['list'], { env: recorder })).code).toBe(3)
    await server.stop()
    expect((await annals(['list'], { env: wrong })).code).toBe(7)
    const lost = await annals(['emit'], { env: wrong, ...draft })
    expect([lost.code, lost.stdout]).toEqual([7, ''])
    expect(lost.stderr).toContain('0 recorded; the first without an answer is line 1')
  })
})
