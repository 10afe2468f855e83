import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { PartPlace } from '../../../log/log-store.ts'
import type { Store } from '../../../log/store.ts'
import type { Draft } from '../../../model/index.ts'
import { openTrail } from '../../../trail/open-trail.ts'
import type { Trail } from '../../../trail/trail.ts'
import { leaveRequest } from '../inbox-files.ts'
import { openEmbedded } from '../open.ts'
import { listSegments } from '../segment-file.ts'

/** Bytes that are no coincidence. */
const PIECE = 10

/** Words that nothing else in a directory can contain, not even by its prefix compression. */
class Canaries {
  readonly all: string[] = []

  make(): string {
    const canary = randomBytes(12).toString('hex')
    this.all.push(canary)
    return canary
  }

  /** Files below a directory with a piece of a canary in any of the forms that a file may have it in, and whose piece it is. */
  foundIn(dir: string): string[] {
    const pieces = new Map<string, string>()
    for (const canary of this.all) {
      for (const spelling of [canary, Buffer.from(canary).toString('hex'), canary.split('').join('\0')])
        for (let at = 0; at + PIECE <= spelling.length; at++)
          pieces.set(spelling.slice(at, at + PIECE), canary)
    }
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter(file => file.isFile())
    return files.flatMap(file => {
      const path = join(file.parentPath, file.name)
      return [...piecesIn(readIfThere(path), pieces)].map(canary => `${path.slice(dir.length)}: ${canary}`)
    })
  }
}

/** Files of SQLite come and go while the log is open. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function piecesIn(text: string, pieces: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>()
  for (let at = 0; at + PIECE <= text.length; at++) {
    // Nothing begins with a zero, and most of a file that is being written is zeros.
    if (text.charCodeAt(at) === 0) continue
    const canary = pieces.get(text.slice(at, at + PIECE))
    if (canary !== undefined) found.add(canary)
  }
  return found
}

/** An event that has a canary in every place where a text can be. */
function telling(canaries: Canaries): Draft {
  const word = (): string => canaries.make()
  return {
    action: 'patient.read',
    actor: {
      type: 'user',
      id: word(),
      name: `Zoë ${word()}`,
      credential: { type: 'token', id: word() },
      onBehalfOf: { type: 'user', id: word() },
    },
    targets: [
      { type: 'user', id: word(), name: word() },
      { type: 'record', id: `Ä${word()}`, role: word() },
    ],
    tenant: word(),
    project: word(),
    origin: {
      ip: '198.51.100.77',
      userAgent: `Browser ${word()}`,
      requestId: word(),
      correlationId: word(),
      sessionId: word(),
      host: word(),
      component: word(),
    },
    outcome: { result: 'failure', code: `E_${word()}`, message: `no bed for ${word()}` },
    changes: [{ path: `/${word()}`, op: 'replace', before: word(), after: { [word()]: word() } }],
    tags: { [word()]: word(), ward: word() },
    description: `${word()} was here, said ${word()}.`,
    data: { note: word(), [word()]: [word()] },
    topics: [`ward.${word()}`],
  }
}

const PARTS = ['who', 'what']

async function open(dir: string, events = 16): Promise<{ trail: Trail; store: Store }> {
  const store = await openEmbedded({ dir, segments: { events } })
  return { trail: await openTrail({ store }), store }
}

async function recordTelling(trail: Trail, canaries: Canaries, count: number): Promise<PartPlace[]> {
  const places: PartPlace[] = []
  for (let n = 0; n < count; n++) {
    const answers = await trail.recordAll([
      telling(canaries),
      { action: 'door.open', actor: { type: 'user', id: `u${n}` }, targets: [{ type: 'door', id: `d${n}` }] },
    ])
    const [answer] = answers
    if (answer === undefined || 'error' in answer) throw new Error('not recorded')
    places.push(...PARTS.map((name): PartPlace => [answer.index as number, name]))
  }
  return places
}

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-every-byte-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Waits until the search indexes of everything are written. */
async function indexed(dir: string): Promise<void> {
  await expect
    .poll(
      () => {
        const refs = listSegments(join(dir, 'chunks'))
        return (
          refs.slice(0, -1).every(ref => existsSync(`${ref.index}.sha256`)) &&
          existsSync(refs.at(-1)?.index ?? '')
        )
      },
      { timeout: 20_000 },
    )
    .toBe(true)
}

it.each([
  ['at once', false],
  ['once the search index has it', true],
])('no byte of what was erased is left in any file while the log is open: %s', async (_, settled) => {
  const dir = temporary()
  const canaries = new Canaries()
  const { trail, store } = await open(dir)
  onTestFinished(() => trail.close())
  const places = await recordTelling(trail, canaries, 25)
  if (settled) await indexed(dir)
  expect(new Set(canaries.foundIn(dir).map(line => line.split(': ')[1])).size).toBe(canaries.all.length)
  await store.log.erase(places)
  expect(canaries.foundIn(dir)).toEqual([])
  // Nor in what the index thread, which may have been behind, writes afterwards.
  await indexed(dir)
  await trail.count('actor:u3')
  expect(canaries.foundIn(dir)).toEqual([])
  for (const canary of canaries.all.slice(0, 30)) expect((await trail.count(canary)).total).toBe(0)
  expect((await trail.count('action:door.open')).total).toBe(25)
  expect((await trail.count('is:erased')).total).toBe(25)
})

it('nor when only one part is erased: what the other says stays', async () => {
  const dir = temporary()
  const { trail, store } = await open(dir)
  onTestFinished(() => trail.close())
  const [gone, kept] = [new Canaries(), new Canaries()]
  const { index } = await trail.record('patient.read', {
    actor: { type: 'user', id: gone.make(), name: gone.make() },
    targets: [{ type: 'bed', id: kept.make() }],
    tags: { ward: kept.make() },
  })
  await recordTelling(trail, new Canaries(), 30)
  await indexed(dir)
  await store.log.erase([[index as number, 'who']])
  expect(gone.foundIn(dir)).toEqual([])
  expect(kept.foundIn(dir).length).toBeGreaterThan(0)
  expect((await trail.count(`target:${kept.all[0]}`)).total).toBe(1)
})

it('nor when the log was closed and opened again in between', async () => {
  const dir = temporary()
  const canaries = new Canaries()
  const first = await open(dir)
  const places = await recordTelling(first.trail, canaries, 20)
  await first.trail.close()
  const second = await open(dir)
  await second.store.log.erase(places)
  expect(canaries.foundIn(dir)).toEqual([])
  await second.trail.close()
  expect(canaries.foundIn(dir)).toEqual([])
})

it('nor in the inbox, when another process had it recorded', async () => {
  const dir = temporary()
  const canaries = new Canaries()
  const { trail, store } = await open(dir)
  onTestFinished(() => trail.close())
  const answers = await leaveRequest(dir, [telling(canaries), telling(canaries)], 10_000)
  const places = answers.flatMap(answer =>
    'index' in answer ? PARTS.map((name): PartPlace => [answer.index, name]) : [],
  )
  expect(places).toHaveLength(4)
  await store.log.erase(places)
  expect(canaries.foundIn(dir)).toEqual([])
})

it('nor in sealed chunks', async () => {
  const dir = temporary()
  const canaries = new Canaries()
  const clock = { wall: Date.parse('2026-11-21T10:00:00Z') }
  const store = await openEmbedded({ dir, period: 'hour', segments: { events: 16 } })
  const trail = await openTrail({ store, clocks: { wall: () => clock.wall, mono: () => clock.wall } })
  onTestFinished(() => trail.close())
  const places = await recordTelling(trail, canaries, 20)
  clock.wall += 3_600_000
  places.push(...(await recordTelling(trail, canaries, 5)))
  await indexed(dir)
  await store.log.seal(0)
  expect((await store.log.chunks()).map(({ state }) => state)).toEqual(['sealed', 'open'])
  await indexed(dir)
  await store.log.erase(places)
  expect(canaries.foundIn(dir)).toEqual([])
  await indexed(dir)
  expect(canaries.foundIn(dir)).toEqual([])
  expect((await trail.count('is:erased')).total).toBe(25)
})
