import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished } from 'vitest'
import type { PartPlace } from '../../../log/log-store.ts'
import type { Store } from '../../../log/store.ts'
import type { AuditEvent } from '../../../model/index.ts'
import { openTrail } from '../../../trail/open-trail.ts'
import type { Trail } from '../../../trail/trail.ts'
import { openEmbedded } from '../open.ts'

const CHILD = new URL('./reading-child.test-support.ts', import.meta.url).pathname
const SECRET = 'Wilhelmine'

async function log(segment: number): Promise<{ dir: string; store: Store; trail: Trail; secret: number[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'annals-readers-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const store = await openEmbedded({ dir, segments: { events: segment } })
  const trail = await openTrail({ store })
  onTestFinished(() => trail.close())
  const secret: number[] = []
  for (let n = 0; n < 120; n++) {
    const { index } = await trail.record('patient.read', {
      actor: { type: 'user', id: n % 4 === 1 ? SECRET : `u${n}` },
      description: n % 4 === 1 ? `${SECRET} was seen` : 'somebody was seen',
      data: { n },
    })
    if (n % 4 === 1) secret.push(index as number)
  }
  return { dir, store, trail, secret }
}

const partsOf = (indexes: readonly number[]): PartPlace[] =>
  indexes.flatMap((index): PartPlace[] => [
    [index, 'who'],
    [index, 'what'],
  ])

/** A reader in another process, asked line by line. */
function otherProcess(dir: string): (command: string) => Promise<unknown> {
  const child = spawn(process.execPath, ['--conditions=annals-source', '--no-warnings', CHILD, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async command => {
    child.stdin.write(`${command}\n`)
    return JSON.parse((await lines.next()).value as string)
  }
}

it.each([
  ['in the newest segment', 1_000],
  ['in closed ones, too', 30],
])('a reader in another process returns nothing any more of what was erased: %s', async (_, segment) => {
  const { dir, store, secret } = await log(segment)
  const ask = otherProcess(dir)
  const read = async (command: string): Promise<string> => JSON.stringify(await ask(command))
  expect(await ask(`count ${SECRET}`)).toBe(30)
  expect(await read(`find actor:${SECRET}`)).toContain(SECRET)
  expect(await read(`get ${secret[3]}`)).toContain(SECRET)
  // Half a page of each iterator is taken: what is left of it has been read already.
  for (let n = 0; n < 8; n++) await ask('next')
  for (let n = 0; n < 8; n++) await ask('live')
  await store.log.erase(partsOf(secret))
  for (const index of secret) expect(await read(`get ${index}`)).not.toContain(SECRET)
  for (const query of ['', SECRET, `actor:${SECRET}`, 'is:erased'])
    expect(await read(`find ${query}`)).not.toContain(SECRET)
  expect(await ask(`count ${SECRET}`)).toBe(0)
  expect(await ask(`count actor:${SECRET}`)).toBe(0)
  expect(await ask('count is:erased')).toBe(30)
  for (const iterator of ['next', 'live']) {
    for (let index = 8; index < 122; index++) {
      const event = (await ask(iterator)) as AuditEvent
      expect(event.index).toBe(index)
      expect(event.erased).toEqual(secret.includes(index) ? ['what', 'who'] : undefined)
    }
  }
})

it('nor does a live reader in this process, which had it waiting', async () => {
  const { store, trail } = await log(1_000)
  const reader = trail.events('', { follow: true, seek: trail.size })[Symbol.asyncIterator]()
  const first = reader.next()
  const indexes: number[] = []
  for (let n = 0; n < 6; n++) {
    const { index } = await trail.record('patient.read', { actor: { type: 'user', id: SECRET }, data: { n } })
    indexes.push(index as number)
  }
  expect(JSON.stringify((await first).value)).toContain(SECRET)
  await store.log.erase(partsOf(indexes))
  for (const index of indexes.slice(1)) {
    const { value } = await reader.next()
    expect(value).toMatchObject({ index, erased: ['what', 'who'] })
    expect(JSON.stringify(value)).not.toContain(SECRET)
  }
  await trail.record('door.open')
  expect((await reader.next()).value).toMatchObject({ action: 'door.open' })
  await reader.return?.()
})

it('an iterator in either order goes on where it was, without what was erased', async () => {
  const { store, trail, secret } = await log(50)
  for (const order of ['asc', 'desc'] as const) {
    const reader = trail.events('action:patient.read', { order })[Symbol.asyncIterator]()
    const seen = [(await reader.next()).value?.index]
    const half = secret.filter((_, n) => n % 2 === (order === 'asc' ? 0 : 1))
    await store.log.erase(partsOf(half))
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
      seen.push(next.value.index)
      if (half.includes(next.value.index)) expect(JSON.stringify(next.value)).not.toContain(SECRET)
    }
    expect(new Set(seen).size).toBe(120)
    expect(seen).toEqual([...seen].sort((a, b) => ((a ?? 0) - (b ?? 0)) * (order === 'asc' ? 1 : -1)))
  }
})
