import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { PartPlace } from '../log/log-store.ts'
import { openEmbedded } from '../stores/embedded/index.ts'
import { openReader } from '../trail/open-reader.ts'
import { openTrail } from '../trail/open-trail.ts'
import { temporaryDirectory } from '../trail/trail.test-support.ts'
import { clocksAt } from './clocked.test-support.ts'
import { erase } from './index.ts'
import { filesWith, provableParts } from './provable.test-support.ts'

const ALICE = { type: 'user', id: 'alice-1' }
const BOB = { type: 'user', id: 'bob-22' }
const basis = 'GDPR Art. 17'

/** A log of two days, of which the first is a closed chunk; its directory, and copies of what lies there before an erasure. */
async function erasedLog(): Promise<{ dir: string; copy: string; erased: number }> {
  const [dir, copy] = [temporaryDirectory(), temporaryDirectory()]
  const clocks = clocksAt('2026-03-01T12:00:00Z')
  const trail = await openTrail({ dir, clocks, sealing: 'manual' })
  for (let n = 0; n < 10; n++) await trail.record('a.b', { actor: ALICE, targets: [BOB] })
  for (let n = 0; n < 5; n++) await trail.record('a.b', { actor: BOB, description: 'for alice-1' })
  const first = await trail.record('a.c', { actor: BOB, data: { secret: 'peculiar' } })
  clocks.to('2026-03-02T12:00:00Z')
  await trail.record('a.d', { actor: BOB })
  await trail.close()
  cpSync(dir, copy, { recursive: true })
  const again = await openTrail({ dir, clocks, sealing: 'manual' })
  const { parts } = await again.perform(erase, { persons: [ALICE], basis })
  const redacted = await again.perform(erase, { events: [first.id], parts: ['what'], basis })
  await again.close()
  return { dir, copy, erased: parts + redacted.parts }
}

/** What a reader of the directory finds wrong, but for the clock of the log, which was moved, and the signer's, which was not. */
async function wrongIn(dir: string): Promise<readonly string[]> {
  const reader = await openReader({ dir })
  const { findings } = await reader.verify({ deep: true })
  await reader.close()
  return findings.map(({ code }) => code).filter(code => code !== 'W_ERASED' && code !== 'E_BACKDATED')
}

function restore(from: string, to: string, ...path: readonly string[]): void {
  rmSync(join(to, ...path), { recursive: true })
  cpSync(join(from, ...path), join(to, ...path), { recursive: true })
}

it('an older copy of keys/ that was put back: every erasure and redaction is carried out on it again', async () => {
  const { dir, copy, erased } = await erasedLog()
  for (const file of ['subjects.db', 'seeds']) restore(copy, dir, 'keys', file)
  const told: PartPlace[] = []
  const store = await openEmbedded({ dir })
  const trail = await openTrail({ store, sealing: 'manual', onErased: parts => told.push(...parts) })
  expect(told).toHaveLength(erased)
  const { wrong, shredded } = await provableParts(store)
  expect([wrong, shredded.length]).toEqual([[], erased])
  // Whoever was erased has a key of their own again, and not the old one.
  const key = await store.keys.subject(ALICE)
  expect(key).toBeUndefined()
  await trail.record('a.e', { actor: ALICE })
  await trail.close()
  expect(await wrongIn(dir)).toEqual([])
})

it('older files of a chunk that were put back: what was erased from it is erased again, before anything is served', async () => {
  const { dir, copy, erased } = await erasedLog()
  const [first = ''] = readdirSync(join(dir, 'chunks')).sort()
  restore(copy, dir, 'chunks', first)
  expect(filesWith(dir, ['alice', 'peculiar'])).not.toEqual([])
  const store = await openEmbedded({ dir })
  const trail = await openTrail({ store, sealing: 'manual' })
  expect(filesWith(dir, ['alice', 'peculiar'])).toEqual([])
  expect((await trail.find('alice-1', { includeLog: true })).events).toEqual([])
  const { wrong, shredded } = await provableParts(store)
  expect([wrong, shredded.length]).toEqual([[], erased])
  await trail.close()
  expect(filesWith(dir, ['alice', 'peculiar'])).toEqual([])
  expect(await wrongIn(dir)).toEqual([])
})

it('keys and a chunk of an older copy together', async () => {
  const { dir, copy, erased } = await erasedLog()
  const [first = ''] = readdirSync(join(dir, 'chunks')).sort()
  restore(copy, dir, 'chunks', first)
  for (const file of ['subjects.db', 'seeds']) restore(copy, dir, 'keys', file)
  const store = await openEmbedded({ dir })
  const trail = await openTrail({ store, sealing: 'manual' })
  const { wrong, shredded } = await provableParts(store)
  expect([wrong, shredded.length]).toEqual([[], erased])
  await trail.close()
  expect(filesWith(dir, ['alice', 'peculiar'])).toEqual([])
})

it('a log in which nothing came back is opened without carrying anything out', async () => {
  const { dir } = await erasedLog()
  const told: PartPlace[] = []
  const trail = await openTrail({ dir, sealing: 'manual', onErased: parts => told.push(...parts) })
  expect(told).toEqual([])
  await trail.close()
})
