import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTrail, type Trail } from 'annals'
import { listChunks, retentionPlan, retentionRun } from 'annals/lifecycle'
import { openEmbedded } from 'annals/stores/embedded'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../packages/annals/src/log/store.ts'
import { nextMoment } from './campaign.ts'

const CHILD = new URL('./retention-child.ts', import.meta.url).pathname
/** When the first of two chunks has expired but for a class, and the second has begun to. */
const LATER = '2026-07-01T00:00:00Z'
const NOW = Date.parse(LATER)
const SECRET = 'Wellington-Boot-Affair'

let root = ''
const template = (): string => join(root, 'template')

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'annals-crash-'))
  let now = Date.parse('2026-01-01T12:00:00Z')
  const trail = await openTrail({
    dir: template(),
    clocks: { wall: () => now, mono: () => now },
    sealing: 'manual',
  })
  for (const day of [1, 2]) {
    for (const retention of ['standard', 'personal', 'security']) {
      for (let n = 0; n < 5; n++) {
        await trail.record('machine.start', {
          retention,
          actor: { type: 'user', id: `u${n}` },
          data: { n, note: retention === 'security' ? 'kept' : SECRET },
        })
      }
    }
    if (day === 1) now = Date.parse('2026-01-06T12:00:00Z')
  }
  now = Date.parse('2026-02-01T12:00:00Z')
  await trail.record('machine.stop', { retention: 'security' })
  await trail.close()
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Runs the child; the number of its steps, or nothing when it was killed at `dieAt`. */
async function run(dir: string, dieAt?: number): Promise<number | undefined> {
  const words = ['--conditions=annals-source', '--no-warnings', CHILD, dir, LATER]
  const child = spawn(process.execPath, dieAt === undefined ? words : [...words, String(dieAt)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let trouble = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    trouble += chunk
  })
  const signal = await new Promise<string | null>(resolve => child.once('close', (_, by) => resolve(by)))
  expect(trouble).toBe('')
  if (signal === 'SIGKILL') return undefined
  // A checkpoint that a timer asks for may fall into another's step: then there is one step less.
  expect(Number(out)).toBeLessThan(dieAt ?? Number.POSITIVE_INFINITY)
  return Number(out)
}

async function opened(dir: string): Promise<{ readonly trail: Trail; readonly store: Store }> {
  const store = await openEmbedded({ dir, clock: () => NOW })
  return {
    store,
    trail: await openTrail({ store, clocks: { wall: () => NOW, mono: () => 0 }, sealing: 'manual' }),
  }
}

/** All that matters of a log in the end. */
async function stateOf(dir: string, { trail, store }: Awaited<ReturnType<typeof opened>>): Promise<unknown> {
  const chunks = await trail.perform(listChunks, {})
  const authorities = await Array.fromAsync(trail.events('action:log.retention,log.seal'))
  const { ok, findings } = await trail.verify()
  return {
    chunks: chunks.map(({ period, state, classes, end, chunk }) => [period, state, chunk, end, classes]),
    events: (await Array.fromAsync(trail.events())).map(({ id }) => id),
    authorities: authorities
      .map(({ action, data }) => [action, (data as { chunk?: number }).chunk, data])
      .sort(),
    verified: { ok, codes: findings.map(({ code }) => code).sort() },
    left: readdirSync(join(dir, 'chunks'), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.(seg|sealed|spine|json)$/.test(name))
      .sort(),
    secret: holding(dir, SECRET),
    keys: await keysOf(store),
  }
}

/** Files that hold a text as it is. */
function holding(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(one => one.isFile() && readFileSync(join(one.parentPath, one.name)).includes(text))
    .map(({ name }) => name)
}

/** How many positions of a chunk and class still have their secrets. */
async function keysOf({ log, keys }: Store): Promise<unknown> {
  const found: unknown[] = []
  for (const { lo, hi } of await log.chunks()) {
    for (const name of ['standard', 'personal', 'security']) {
      const secrets = await keys.secrets(lo, name)
      const there = Array.from({ length: hi - lo }, (_, offset) => secrets?.leaf(offset) !== undefined)
      found.push([lo, name, there.filter(Boolean).length])
    }
  }
  return found
}

it('killed between any two steps of sealing and retention, the next run brings it to the same end', async () => {
  const whole = join(root, 'whole')
  cpSync(template(), whole, { recursive: true })
  const steps = (await run(whole)) as number
  expect(steps).toBeGreaterThan(20)
  const first = await opened(whole)
  const end = await stateOf(whole, first)
  await first.trail.close()
  expect(end).toMatchObject({ verified: { ok: true, codes: ['W_EXPIRED'] }, secret: [] })

  let died = 0
  const nths: number[] = []
  for (let nth = nextMoment(2); nth <= steps; nth += nextMoment(2)) nths.push(nth)
  const one = async (): Promise<void> => {
    for (let nth = nths.shift(); nth !== undefined; nth = nths.shift()) {
      const dir = join(root, `died-${nth}`)
      cpSync(template(), dir, { recursive: true })
      if ((await run(dir, nth)) === undefined) died++
      const again = await opened(dir)
      await again.trail.perform(retentionRun, {})
      expect(await again.trail.perform(retentionPlan, {}), `after step ${nth}`).toMatchObject({ entries: 0 })
      expect(await stateOf(dir, again), `after step ${nth}`).toEqual(end)
      await again.trail.close()
      rmSync(dir, { recursive: true, force: true })
    }
  }
  const tried = nths.length
  await Promise.all([one(), one()])
  expect(died).toBeGreaterThan(tried / 2)
}, 600_000)
