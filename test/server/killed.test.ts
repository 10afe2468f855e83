import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type AuditEvent, openReader, type Recorded } from 'annals'
import { expect, it } from 'vitest'
import { until } from '../../packages/server/src/testing/until.ts'
import { RecordingClient } from './recorders.ts'
import { ServedLog } from './served-log.ts'
import { followRemotely, followRestlessly, followRpc, followSse, Subscriber } from './subscribers.ts'

/** How often the server is killed; a campaign may ask for more. */
const KILLS = Number(process.env['KILLS'] ?? 20)
const QUERY = 'topic:machine -action:machine.look'
const isFollowed = ({ action }: AuditEvent): boolean =>
  action.startsWith('machine.') && action !== 'machine.look'
const placeOf = ({ index, id }: { readonly index: number; readonly id: string }): string => `${index} ${id}`

/** Kills the server at random moments, each after it has recorded and delivered. */
async function killAgainAndAgain(
  served: ServedLog,
  recorder: RecordingClient,
  subscribers: readonly Subscriber[],
): Promise<void> {
  for (let nth = 0; nth < KILLS; nth += 1) {
    const answered = recorder.answered
    const seen = subscribers.map(one => one.seen.length)
    await until(
      () =>
        recorder.answered > answered && subscribers.every((one, at) => one.seen.length > Number(seen[at])),
    )
    await delay(100 + Math.random() * 600)
    await served.kill()
    await served.start()
  }
}

/** What was answered is there, at its position, and everything is there once and in the order of its client. */
function expectRecorded(events: readonly AuditEvent[], name: string, answers: readonly Recorded[]): void {
  const own = events.filter(({ actor, action }) => actor.id === name && action.startsWith('machine.'))
  expect(own.map(({ data }) => (data as { n: number }).n)).toEqual(answers.map((_, n) => n))
  const stored = answers.flatMap((answer, n) => (answer.level === 'queued' ? [] : [{ answer, n }]))
  expect(stored.map(({ answer }) => placeOf(answer))).toEqual(
    stored.map(({ n }) => placeOf(own[n] as AuditEvent)),
  )
}

it(`a server that is killed ${KILLS} times loses nothing, and shows everything once`, async () => {
  const spool = mkdtempSync(join(tmpdir(), 'annals-spool-'))
  const stop = new AbortController()
  try {
    await using served = await ServedLog.start()
    await using direct = await RecordingClient.start(served, 'direct')
    await using spooling = await RecordingClient.start(served, 'spooling', spool)
    const followed = { url: served.url, key: served.key, query: QUERY, signal: stop.signal }
    const raw = [
      new Subscriber('sse', followSse, followed),
      new Subscriber('restless sse', followRestlessly, followed),
      new Subscriber('rpc', followRpc, followed),
    ]
    const subscribers = [
      ...raw,
      new Subscriber('remote', followRemotely, followed),
      new Subscriber('another remote', followRemotely, followed),
    ]
    const ended = Promise.all(subscribers.map(({ done }) => done))
    await Promise.race([killAgainAndAgain(served, direct, raw), ended])
    const answers = { direct: await direct.finish(), spooling: await spooling.finish() }
    expect(answers.spooling.some(answer => answer.spooled === true)).toBe(true)
    // The order is that of the log: who has the last event has all that it will get.
    const last = await direct.trail.record('machine.last')
    await Promise.race([
      until(() => subscribers.every(({ seen }) => seen.some(({ id }) => id === last.id))),
      ended,
    ])
    stop.abort()
    await ended
    await served.kill()

    await using reader = await openReader({ dir: served.dir })
    const events = await Array.fromAsync(reader.events('', { includeLog: true }))
    expect(events.map(({ index }) => index)).toEqual(events.map((_, at) => at))
    expectRecorded(events, direct.name, answers.direct)
    expectRecorded(events, spooling.name, answers.spooling)
    const shown = events.filter(isFollowed).map(placeOf)
    for (const { name, seen } of subscribers) expect(seen.map(placeOf), name).toEqual(shown)
    const report = await reader.verify()
    expect(report.findings.filter(({ code }) => code.startsWith('E_'))).toEqual([])
    expect(report.size).toBe(events.length)
    expect(served.failures).toEqual([])
  } finally {
    stop.abort()
    rmSync(spool, { recursive: true, force: true })
  }
}, 600_000)
