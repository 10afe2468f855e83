import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AuditEvent, Recorded } from 'annals'
import { openRemote, type RemoteTrail } from 'annals/remote'
import { expect, it } from 'vitest'
import { KillableServer, killed, startClient } from './processes.ts'

/** How often a process is killed; a campaign may ask for more. */
const KILLS = Number(process.env['KILLS'] ?? 4)
const LONG = 600_000

const numberOf = ({ data }: AuditEvent): number => (data as { n: number }).n

async function eventsOf(server: KillableServer): Promise<AuditEvent[]> {
  await using reader = await openRemote({ url: server.url, token: server.key })
  return await Array.fromAsync(reader.events('action:machine.step'))
}

/** Records without a break while the server is killed and started again; returns what each event was answered. */
async function recordUnderKills(server: KillableServer, trail: RemoteTrail): Promise<readonly Recorded[]> {
  const answers: Promise<Recorded>[] = []
  let isOver = false
  const recording = (async () => {
    while (!isOver) {
      const n = answers.length
      answers.push(trail.record('machine.step', { data: { n } }))
      await (n % 30 === 0 ? answers[n] : undefined)
    }
  })()
  for (let nth = 0; nth < KILLS; nth += 1) {
    await delay(300 + Math.random() * 700)
    await server.kill()
    await delay(Math.random() * 300)
    await server.start()
  }
  await delay(300)
  isOver = true
  await recording
  return await Promise.all(answers)
}

it(
  'a server that is killed loses nothing that was acknowledged, and records nothing twice; subscribers see it once',
  async () => {
    await using server = await KillableServer.start()
    await using trail = await openRemote({
      url: server.url,
      token: server.key,
      waiting: { patienceMs: LONG },
    })
    const seen: number[][] = [[], []]
    const stop = new AbortController()
    const subscribers = seen.map(async numbers => {
      const stream = trail.events('action:machine.step', { follow: true, signal: stop.signal })
      for await (const event of stream) numbers.push(numberOf(event))
    })
    const answers = await recordUnderKills(server, trail)
    const events = await eventsOf(server)
    const all = answers.map((_, n) => n)
    expect(events.map(numberOf)).toEqual(all)
    expect(answers.map(({ id, index }) => `${index} ${id}`)).toEqual(
      events.map(({ id, index }) => `${index} ${id}`),
    )
    while (seen.some(numbers => numbers.length < all.length)) await delay(20)
    stop.abort()
    await Promise.all(subscribers)
    for (const numbers of seen) expect(numbers).toEqual(all)
  },
  LONG,
)

it(
  'with a spool nobody waits for a server that is killed, and all is there in the end, once and in order',
  async () => {
    const spool = mkdtempSync(join(tmpdir(), 'annals-spool-'))
    try {
      await using server = await KillableServer.start()
      await using trail = await openRemote({ url: server.url, token: server.key, spool, onError: () => {} })
      const answers = await recordUnderKills(server, trail)
      while (trail.spooledBytes > 0) await delay(20)
      const events = await eventsOf(server)
      expect(events.map(numberOf)).toEqual(answers.map((_, n) => n))
      expect(answers.some(({ spooled }) => spooled === true)).toBe(true)
      for (const [n, { level, id }] of answers.entries())
        if (level === 'stored') expect(events[n]?.id).toBe(id)
    } finally {
      rmSync(spool, { recursive: true, force: true })
    }
  },
  LONG,
)

it(
  'a client with a spool that is killed loses nothing that was acknowledged, and a later run records nothing twice',
  async () => {
    const spool = mkdtempSync(join(tmpdir(), 'annals-spool-'))
    const acknowledged = new Set<number>()
    try {
      await using server = await KillableServer.start()
      for (let nth = 0; nth < KILLS; nth += 1) {
        const client = startClient(server, spool, (nth + 1) * 1_000_000, acknowledged)
        const before = acknowledged.size
        while (acknowledged.size < before + 200) await delay(20)
        // In turn: with the server, while it is away, and while it comes back.
        if (nth % 3 > 0) await server.kill()
        await delay(Math.random() * 300)
        if (nth % 3 === 2) await server.start()
        await delay(Math.random() * 100)
        await killed(client)
        if (nth % 3 === 1) await server.start()
      }
      const last = await openRemote({ url: server.url, token: server.key, spool, onError: () => {} })
      while (last.spooledBytes > 0) await delay(20)
      await last.close()
      const numbers = (await eventsOf(server)).map(numberOf)
      const recorded = new Set(numbers)
      expect(numbers.length).toBe(recorded.size)
      expect([...acknowledged].filter(n => !recorded.has(n))).toEqual([])
      expect(acknowledged.size).toBeGreaterThan(KILLS * 200)
    } finally {
      rmSync(spool, { recursive: true, force: true })
    }
  },
  LONG,
)
