import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { countAll } from 'annals/query'
import { openEmbedded, openEmbeddedReader } from 'annals/stores/embedded'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SampleLog } from '../../packages/annals/src/conformance/store/sample-log.ts'
import { keepCheckpoint } from '../../packages/annals/src/stores/embedded/sealed/sealing.test-support.ts'
import { nextMoment } from './campaign.ts'

const CHILD = new URL('./sealing-child.ts', import.meta.url).pathname
const DEATH = new URL('./die-in-sealing.ts', import.meta.url).pathname

/** Events of the chunk that is sealed, in segments of `SEGMENT`. */
const EVENTS = 90
const SEGMENT = 50
const RANGES = [
  [3, 20],
  [45, 60],
] as const
const SEARCH = { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: 1_000 }

const base = mkdtempSync(join(tmpdir(), 'annals-sealing-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

interface Expected {
  readonly bytes: readonly Buffer[]
  readonly leaves: readonly Buffer[]
}

let expected: Expected

/** A word of one event alone, as it stands in its part and in the search index. */
const secret = (n: number): string => `secret${n}word`

/** The log that every round begins with: a chunk that has ended, and one that has begun. */
beforeAll(async () => {
  const store = await openEmbedded({
    dir: join(base, 'closed'),
    period: 'hour',
    segments: { events: SEGMENT },
  })
  const log = await SampleLog.on(store)
  for (let n = 0; n < EVENTS; n += 10)
    await log.append(
      Array.from({ length: 10 }, (_, i) => ({
        action: 'crash.step',
        description: `a ${secret(n + i)}`,
        id: `key-${n + i}`,
      })),
    )
  await keepCheckpoint(log)
  log.nextPeriod()
  await log.append([{ action: 'crash.after' }])
  expected = { bytes: log.written.map(({ bytes }) => bytes), leaves: log.written.map(({ leaf }) => leaf) }
  await store.close()
  cpSync(join(base, 'closed'), join(base, 'sealed'), { recursive: true })
  const sealing = await openEmbedded({ dir: join(base, 'sealed') })
  await sealing.log.seal(0)
  await sealing.close()
})

/** Performs an act in a process that dies in the middle of its n-th file operation; whether it lived. */
async function perform(dir: string, act: string, args: readonly unknown[], n: number): Promise<boolean> {
  const child = spawn(
    process.execPath,
    ['--conditions=annals-source', '--no-warnings', '--import', DEATH, CHILD, dir, act, JSON.stringify(args)],
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

/** Positions that are still there; the others are leaf hashes, and lie where they may. */
async function present(
  store: Pick<Awaited<ReturnType<typeof openEmbeddedReader>>, 'read'>,
  mayGo: (index: number) => boolean,
): Promise<readonly number[]> {
  const found: number[] = []
  let next = 0
  for await (const batch of store.read(0, 1_000)) {
    for (const { index, record } of batch) {
      expect(index).toBe(next++)
      if (record.thinned === undefined) {
        expect(record.bytes.equals(expected.bytes[index] as Buffer)).toBe(true)
        found.push(index)
      } else {
        expect(mayGo(index)).toBe(true)
        expect(record.thinned.leaf).toEqual(expected.leaves[index])
      }
    }
  }
  expect(next).toBe(EVENTS + 1)
  return found
}

/** Searches agree with the records: by walking, by rollup, by word and by key. */
async function expectSearches(
  { search }: Pick<Awaited<ReturnType<typeof openEmbeddedReader>>, 'search'>,
  there: readonly number[],
): Promise<void> {
  const { events } = await search.find(SEARCH, 'asc', 1_000)
  expect(events.map(({ index }) => index)).toEqual(there)
  expect((await countAll(search, SEARCH, [['action']])).total).toBe(there.length)
  const words = await search.find({ ...SEARCH, query: `${secret(7)} OR ${secret(70)}` }, 'asc', 10)
  expect(words.events.map(({ index }) => index)).toEqual([7, 70].filter(n => there.includes(n)))
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(dir, name)).isFile(),
  )
}

interface Act {
  readonly name: 'seal' | 'thin' | 'drop'
  readonly from: 'closed' | 'sealed'
  readonly args: readonly unknown[]
  readonly mayGo: (index: number) => boolean
}

const ACTS: readonly Act[] = [
  { name: 'seal', from: 'closed', args: [0], mayGo: () => false },
  {
    name: 'thin',
    from: 'sealed',
    args: [0, RANGES],
    mayGo: index => RANGES.some(([from, to]) => index >= from && index < to),
  },
  { name: 'drop', from: 'sealed', args: [0], mayGo: index => index < EVENTS },
]

/** What must hold after a death: nothing else is gone, and doing it again ends as if nothing had happened. */
async function expectMended(dir: string, { name, args, mayGo }: Act): Promise<void> {
  const reader = await openEmbeddedReader({ dir })
  await expectSearches(reader, await present(reader, mayGo))
  await reader.close()
  const failures: Error[] = []
  const store = await openEmbedded({ dir, onError: error => failures.push(error) })
  await store.log.open()
  const forms = filesBelow(join(dir, 'chunks')).filter(file => /\.(seg|sealed|spine)$/.test(file))
  expect(new Set(forms.map(file => file.replace(/\.\w+$/, ''))).size).toBe(forms.length)
  await expectSearches(store, await present(store.log, mayGo))
  await (store.log[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
  const there = Array.from({ length: EVENTS + 1 }, (_, i) => i).filter(index => !mayGo(index))
  expect(await present(store.log, mayGo)).toEqual(there)
  await expectSearches(store, there)
  const chunks = await store.log.chunks()
  expect(chunks.map(({ state }) => state)).toEqual([name === 'drop' ? 'dropped' : 'sealed', 'open'])
  const files = (): string[] => filesBelow(join(dir, 'chunks'))
  while (
    files().some(
      file => file.endsWith('.sealed') && !files().includes(file.replace('.sealed', '.idx.sha256')),
    )
  )
    await delay(10)
  await expectSearches(store, there)
  await store.close()
  expect(failures).toEqual([])
  for (const file of files()) {
    expect(file).not.toMatch(/\.(tmp|new)$/)
    const bytes = readFileSync(join(dir, 'chunks', file))
    for (let n = 0; n < EVENTS; n++)
      if (mayGo(n)) expect(bytes.includes(secret(n)), `${secret(n)} in ${file}`).toBe(false)
  }
}

describe.each(ACTS)('a process that dies while it does: $name', act => {
  it('in the middle of a file operation, leaves a log that is whole and goes on from there', async () => {
    let next = 1
    let operations = Number.POSITIVE_INFINITY
    const rounds = async (): Promise<void> => {
      for (let n = next; n <= operations; n = next) {
        next += nextMoment(6)
        const dir = join(base, `${act.name}-${n}`)
        cpSync(join(base, act.from), dir, { recursive: true })
        if (await perform(dir, act.name, act.args, n)) operations = Math.min(operations, n)
        await expectMended(dir, act)
        rmSync(dir, { recursive: true, force: true })
      }
    }
    await Promise.all([rounds(), rounds()])
    expect(operations).toBeGreaterThan(20)
  }, 600_000)
})
