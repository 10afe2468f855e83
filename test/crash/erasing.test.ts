import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countAll } from 'annals/query'
import { openEmbedded, openEmbeddedReader } from 'annals/stores/embedded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SampleLog } from '../../packages/annals/src/conformance/store/sample-log.ts'
import type { PartPlace } from '../../packages/annals/src/log/log-store.ts'
import type { ReadableStore } from '../../packages/annals/src/log/readable-store.ts'
import type { Store } from '../../packages/annals/src/log/store.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { nextMoment } from './campaign.ts'

const CHILD = new URL('./sealing-child.ts', import.meta.url).pathname
const DEATH = new URL('./die-in-sealing.ts', import.meta.url).pathname

/** Events of a sealed chunk, of a closed segment of the open chunk, and of its open segment. */
const SIZES = [60, 40, 20] as const
const SEARCH = { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: 1_000 }
/** One part in a sealed chunk, one in a closed segment and two in the open one; of the last event both. */
const ERASED: readonly PartPlace[] = [
  [7, 'what'],
  [70, 'what'],
  [105, 'what'],
  [106, 'what'],
  [106, 'who'],
]

const base = mkdtempSync(join(tmpdir(), 'annals-erasing-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

/** Words of one event alone, as they stand in its parts and in the search index. */
const said = (n: number): string => `secret${n}word`
const person = (n: number): string => `person${n}name`
const secrets = ERASED.map(([n, part]) => (part === 'what' ? said(n) : person(n)))

/** The log that every round begins with; its last entry authorises the erasure. */
beforeAll(async () => {
  const store = await openEmbedded({ dir: join(base, 'log'), period: 'hour', segments: { events: 40 } })
  const log = await SampleLog.on(store)
  log.time = Date.now() - 5 * 3_600_000
  for (const [n, size] of SIZES.entries()) {
    if (n === 1) {
      await log.endChunk()
      // Not before the checkpoint that was signed just now.
      log.time = Date.now()
    }
    for (let i = 0; i < size; i += 10)
      await log.append(
        Array.from({ length: 10 }, () => ({ action: 'crash.step' })).map((draft, j) => {
          const n = log.size + j
          return { ...draft, actor: { type: 'user', id: person(n) }, description: `a ${said(n)}` }
        }),
      )
  }
  await log.append([{ action: 'log.redaction', data: { parts: ERASED, basis: 'a request' } as never }])
  await log.endChunk()
  await store.log.publish((await store.log.kept(log.size)) as Uint8Array)
  await store.log.seal(0)
  await store.close()
  expect(await findings(join(base, 'log'))).toEqual(['W_ERASURE_PENDING'])
})

async function findings(dir: string): Promise<string[]> {
  const { findings: found } = await verifyDirectory(dir)
  // That the chunk is sealed stands in no entry: nobody but the store has sealed it.
  return [...new Set(found.map(({ code }) => code))].filter(code => code !== 'W_SEAL_PENDING')
}

/** Erases in a process that dies in the middle of its n-th file operation; whether it lived. */
async function erase(dir: string, n: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=annals-source',
      '--no-warnings',
      '--import',
      DEATH,
      CHILD,
      dir,
      'erase',
      JSON.stringify([ERASED]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ANNALS_TEST_DIE_AT: String(n) } },
  )
  let out = ''
  let trouble = ''
  child.stdout.on('data', text => {
    out += text
  })
  child.stderr.on('data', text => {
    trouble += text
  })
  const signal = await new Promise<string | null>(resolve => child.once('close', (_, by) => resolve(by)))
  expect(trouble).toBe('')
  expect(out === 'done\n' || signal === 'SIGKILL').toBe(true)
  return out === 'done\n'
}

/** Parts that are gone now. Searches must agree with the records, whatever has become of them. */
async function gone({ search, read }: Pick<ReadableStore, 'search' | 'read'>): Promise<PartPlace[]> {
  const places: PartPlace[] = []
  let next = 0
  for await (const batch of read(0, 1_000)) {
    for (const { index, record } of batch) {
      expect(index).toBe(next++)
      for (const { name, bytes } of record.parts) {
        if (bytes === null) places.push([index, name])
        else expect(() => JSON.parse(bytes.toString('utf8'))).not.toThrow()
      }
    }
  }
  const total = SIZES.reduce((sum, size) => sum + size, 0) + 1
  expect(next).toBe(total)
  expect((await countAll(search, SEARCH, [['action']])).total).toBe(total)
  const erasedEvents = new Set(places.map(([index]) => index))
  expect((await countAll(search, { ...SEARCH, query: 'is:erased' })).total).toBe(erasedEvents.size)
  for (const [index] of ERASED) {
    const { events } = await search.find({ ...SEARCH, query: `"a ${said(index)}"` }, 'asc', 10)
    const whatGone = places.some(([at, name]) => at === index && name === 'what')
    expect(events.map(event => event.index)).toEqual(whatGone ? [] : [index])
  }
  return places
}

/** Nothing for a file that has gone since it was listed: indexes are made anew meanwhile. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

function expectNoSecret(dir: string): void {
  for (const file of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = bytesOf(join(file.parentPath, file.name))
    for (const word of secrets) expect(bytes.includes(word), `${word} in ${file.name}`).toBe(false)
  }
}

const readsOf = (store: Store): Pick<ReadableStore, 'search' | 'read'> => ({
  search: store.search,
  read: (from, to) => store.log.read(from, to),
})

describe('a process that dies while it erases', () => {
  it('in any of its file operations, has erased all or nothing once the log is opened again', async () => {
    const outcomes = new Set<number>()
    let n = 1
    for (let lived = false; !lived; n += nextMoment(6)) {
      const dir = join(base, 'round')
      cpSync(join(base, 'log'), dir, { recursive: true })
      lived = await erase(dir, n)
      // A reader that comes before the next writer reads what is there, and takes nothing for damage.
      const reader = await openEmbeddedReader({ dir })
      await gone({ search: reader.search, read: (from, to) => reader.read(from, to) })
      await reader.close()

      const failures: Error[] = []
      const store = await openEmbedded({ dir, onError: error => failures.push(error) })
      await store.log.open()
      const places = await gone(readsOf(store))
      expect([0, ERASED.length]).toContain(places.length)
      outcomes.add(places.length)
      if (places.length > 0) expectNoSecret(dir)
      await store.log.erase(ERASED)
      expect(await gone(readsOf(store))).toEqual(ERASED)
      await store.close()
      expect(failures).toEqual([])
      expectNoSecret(dir)
      expect(readdirSync(dir)).not.toContain('erasing.json')
      expect(
        readdirSync(join(dir, 'chunks'), { recursive: true }).filter(name =>
          /\.(tmp|new)/.test(String(name)),
        ),
      ).toEqual([])
      expect(await findings(dir)).toEqual(['W_ERASED'])
      rmSync(dir, { recursive: true, force: true })
    }
    expect(outcomes).toEqual(new Set([0, ERASED.length]))
    expect(n).toBeGreaterThan(30)
  }, 600_000)
})
