import { createInterface } from 'node:readline'
import type { AuditEvent } from 'annals'
import { expect, test } from 'vitest'
import { eventsOf, ndjson, recordInto, someDrafts } from '../testing/log.ts'
import { annals, finished, startAnnals } from '../testing/spawn.ts'
import { temporaryDirectories } from '../testing/temporary.ts'

const temporary = temporaryDirectories()

/** Starts a tail and gives its events one by one. */
function tail(words: readonly string[]) {
  const child = startAnnals(['tail', '-o', 'ndjson', ...words])
  const done = finished(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<AuditEvent> => JSON.parse((await lines.next()).value ?? 'null') as AuditEvent
  return { child, done, next }
}

test('backlog, then live, each once; Ctrl-C exits 130 and prints the command that goes on without a gap', async () => {
  const dir = temporary()
  await recordInto(dir, someDrafts(30))
  const { child, done, next } = tail(['--dir', dir, '-n', '5'])
  const seen: number[] = []
  for (let nth = 0; nth < 5; nth++) seen.push((await next()).index)
  await recordInto(dir, someDrafts(10))
  for (let nth = 0; nth < 10; nth++) seen.push((await next()).index)
  child.kill('SIGINT')
  const { code, stderr } = await done
  expect(code).toBe(130)

  await recordInto(dir, someDrafts(3))
  const words = /annals (tail .*)$/m.exec(stderr)?.[1]?.split(' ') ?? []
  expect(words).toContain('--since')
  const resumed = startAnnals(words)
  const resumedDone = finished(resumed)
  const lines = createInterface({ input: resumed.stdout })[Symbol.asyncIterator]()
  for (let nth = 0; nth < 3; nth++)
    seen.push((JSON.parse((await lines.next()).value ?? '') as AuditEvent).index)
  resumed.kill('SIGINT')
  await resumedDone

  const all = eventsOf(
    (await annals(['list', '--dir', dir, '--limit', '18', '--reverse', '-o', 'ndjson'])).stdout,
  )
  expect(all).toHaveLength(18)
  const newest = eventsOf((await annals(['list', '--dir', dir, '--limit', '18', '-o', 'ndjson'])).stdout)
  expect(seen).toEqual(newest.map(event => event.index).toReversed())
})

test('--until-match waits for a new event of the query', async () => {
  const dir = temporary()
  const receipts = await recordInto(dir, someDrafts(3))
  // From a position: the events may be there before the process listens.
  const since = String((receipts.at(-1)?.index ?? 0) + 1)
  const { done, next } = tail(['action:wanted.*', '--dir', dir, '--until-match', '--since', since])
  await recordInto(dir, [{ action: 'other.thing' }])
  await recordInto(dir, [{ action: 'wanted.thing' }])
  expect((await next()).action).toBe('wanted.thing')
  expect((await done).code).toBe(0)
})

test('--since begins at a position', async () => {
  const dir = temporary()
  const receipts = await recordInto(dir, someDrafts(5))
  const from = receipts[2]?.index ?? 0
  const { done, next } = tail(['--dir', dir, '--since', String(from), '--until-match'])
  expect((await next()).index).toBe(from)
  expect((await done).code).toBe(0)
})

test('a reader that goes away ends it with 0', async () => {
  const dir = temporary()
  await recordInto(dir, someDrafts(3))
  const { child, done, next } = tail(['--dir', dir])
  await next()
  child.stdout.destroy()
  // Noticed with the next event that is written.
  await recordInto(dir, someDrafts(1))
  await recordInto(dir, someDrafts(1))
  const { code, stderr } = await done
  expect([code, stderr]).toEqual([0, ''])
})

test('events recorded by an open writer arrive while it stays open', async () => {
  const dir = temporary()
  await recordInto(dir, someDrafts(1))
  const { child, done, next } = tail(['--dir', dir, '-n', '1'])
  await next()
  const writer = startAnnals(['emit', '--dir', dir, '-o', 'ndjson', '-q'])
  const written = finished(writer)
  writer.stdin.write(ndjson([{ action: 'live.event' }]))
  expect((await next()).action).toBe('live.event')
  writer.stdin.end()
  await written
  child.kill('SIGINT')
  expect((await done).code).toBe(130)
})
