import { createReadStream, existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AnnalsError, type Draft, type ErrorCode } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'
import { sampleDrafts } from '../testing/sample-events.ts'
import { cloudtrail } from './cloudtrail.ts'
import { type ImportOptions, importRecords, type Rejected } from './import-records.ts'
import { type Importer, ImportReject } from './importer.ts'
import { ndjson } from './ndjson.ts'

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(content)
}

/** A small trail in memory: one event for each key, in order. */
class Memory {
  readonly drafts: Draft[] = []
  readonly batches: number[] = []
  readonly #keys = new Map<string, number>()
  readonly #refuse: (draft: Draft) => ErrorCode | undefined

  constructor(refuse: (draft: Draft) => ErrorCode | undefined = () => undefined) {
    this.#refuse = refuse
  }

  async recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]> {
    await Promise.resolve()
    this.batches.push(drafts.length)
    return drafts.map(draft => {
      const code = this.#refuse(draft)
      if (code !== undefined) return { error: new AnnalsError(code, `refused ${draft.action}`) }
      const key = draft.id ?? draft.source?.id
      const known = key === undefined ? undefined : this.#keys.get(key)
      if (known !== undefined) return { id: `e${known}`, index: known, level: 'stored', duplicate: true }
      const index = this.drafts.push(draft) - 1
      if (key !== undefined) this.#keys.set(key, index)
      return { id: `e${index}`, index, level: 'stored' }
    })
  }
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, n) => JSON.stringify({ action: `a.n${n}`, id: `k${n}` })).join(
    '\n',
  )
}

async function run(
  memory: Memory,
  content: string,
  options: ImportOptions = {},
  importer: Importer = ndjson,
) {
  const rejected: Rejected[] = []
  const counts = await importRecords(memory, importer, text(content), {
    ...options,
    onReject: one => rejected.push(one),
  })
  return { counts, rejected }
}

describe('importRecords', () => {
  it('records everything in order, in batches, and reports progress', async () => {
    const memory = new Memory()
    const progress: number[] = []
    const { counts } = await run(memory, lines(25), {
      batch: 10,
      onProgress: now => progress.push(now.recorded),
    })
    expect(counts).toEqual({ read: 25, recorded: 25, duplicates: 0, rejected: 0 })
    expect(memory.drafts.map(draft => draft.action)).toEqual(Array.from({ length: 25 }, (_, n) => `a.n${n}`))
    expect(progress).toEqual([10, 20, 25])
  })

  it('reports one bad record of each sort once, with line and reason, and the others arrive (T24)', async () => {
    const memory = new Memory(draft => (draft.action === 'a.bad' ? 'ANNALS_INVALID' : undefined))
    const content = [
      '{"action":"a.x"}',
      '{"action":',
      '{"action":"a.bad"}',
      '',
      '{"action":"log.x"}',
      '{"action":"a.y"}',
    ].join('\n')
    const { counts, rejected } = await run(memory, content)
    expect(counts).toEqual({ read: 5, recorded: 2, duplicates: 0, rejected: 3 })
    expect(rejected.map(one => one.line)).toEqual([2, 3, 5])
    expect(rejected[0]?.reason).toMatch(/^not JSON/)
    expect(rejected[1]?.reason).toBe('refused a.bad')
    expect(memory.drafts.map(draft => draft.action)).toEqual(['a.x', 'a.y'])
  })

  it('counts a second run as duplicates', async () => {
    const memory = new Memory()
    await run(memory, lines(5))
    expect((await run(memory, lines(7))).counts).toEqual({ read: 7, recorded: 2, duplicates: 5, rejected: 0 })
  })

  it('rejects a record of several drafts once', async () => {
    const twice: Importer = {
      name: 'twice',
      summary: 'two drafts a record',
      convert: record => {
        if (record === 0) throw new ImportReject('', 'zero')
        return [1, 2].map(n => ({ action: `a.n${n}`, source: { system: 's', id: `${String(record)}-${n}` } }))
      },
    }
    const memory = new Memory(draft =>
      draft.source?.id.startsWith('3-') === true ? 'ANNALS_LIMIT' : undefined,
    )
    const { counts, rejected } = await run(memory, '1\n0\n3\n4', { batch: 3 }, twice)
    expect(counts).toEqual({ read: 4, recorded: 4, duplicates: 0, rejected: 2 })
    expect(rejected.map(one => one.line)).toEqual([2, 3])
    expect(memory.drafts.map(draft => draft.source?.id)).toEqual(['1-1', '1-2', '4-1', '4-2'])
  })

  it('tries again what an overloaded target refuses, in order, and gives up after a while', async () => {
    let tries = 0
    const waits: number[] = []
    const memory = new Memory(draft =>
      draft.action >= 'a.n3' && tries++ < 9 ? 'ANNALS_OVERLOADED' : undefined,
    )
    const { counts } = await run(memory, lines(6), { wait: async ms => void waits.push(ms) })
    expect(counts.recorded).toBe(6)
    expect(memory.drafts.map(draft => draft.action)).toEqual(['a.n0', 'a.n1', 'a.n2', 'a.n3', 'a.n4', 'a.n5'])
    expect(waits).toEqual([10, 20, 40])

    const never = new Memory(() => 'ANNALS_OVERLOADED')
    await expect(run(never, lines(1), { patienceMs: 100, wait: async () => {} })).rejects.toMatchObject({
      code: 'ANNALS_OVERLOADED',
    })
    const throwing = { recordAll: () => Promise.reject(new AnnalsError('ANNALS_OVERLOADED', 'full')) }
    await expect(
      importRecords(throwing, ndjson, text(lines(1)), { patienceMs: 10, wait: async () => {} }),
    ).rejects.toThrow('full')
  })

  it('ends with the error when the target fails', async () => {
    const full = new Memory(draft => (draft.action === 'a.n3' ? 'ANNALS_DISK_FULL' : undefined))
    await expect(run(full, lines(6))).rejects.toMatchObject({ code: 'ANNALS_DISK_FULL' })
    const short = { recordAll: () => Promise.resolve([]) }
    await expect(importRecords(short, ndjson, text(lines(1)))).rejects.toMatchObject({ code: 'ANNALS_STORE' })
    await expect(importRecords(full, ndjson, text(''), { batch: 0 })).rejects.toThrow(TypeError)
  })

  it('notes numbers that are kept as text', async () => {
    const memory = new Memory()
    await run(memory, '{"action":"a.b","data":{"n":12345678901234567890}}')
    expect(memory.drafts[0]).toMatchObject({
      data: { n: '12345678901234567890' },
      notes: [{ path: '/data', reason: expect.stringContaining('/data/n') }],
    })
  })

  it('ends a batch by size too', async () => {
    const memory = new Memory()
    const big = JSON.stringify({ action: 'a.big', data: 'x'.repeat(1024 * 1024) })
    await run(memory, Array.from({ length: 10 }, () => big).join('\n'))
    expect(memory.batches).toEqual([4, 4, 2])
  })

  it('imports what was exported as the same drafts', async () => {
    const drafts = [...sampleDrafts({ count: 3000 })]
    const memory = new Memory()
    await run(memory, drafts.map(draft => JSON.stringify(draft)).join('\n'))
    const known = memory.drafts.map(({ id, ...draft }) => draft)
    expect(known).toEqual(drafts.map(({ id, ...draft }) => draft))
    expect(new Set(memory.drafts.map(({ id }) => id)).size).toBe(drafts.length)
  })
})

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')
const FILE = resolve(FOLDER, 'aws-cloudtrail-invictus.ndjson')
const missing = !existsSync(FILE)
const skipped = missing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : ''

describe.skipIf(missing)(`real records of aws-cloudtrail-invictus.ndjson${skipped}`, () => {
  it('imports all of them from the file, once', async () => {
    const memory = new Memory()
    const run = () => importRecords(memory, cloudtrail, createReadStream(FILE))
    expect(await run()).toEqual({ read: 2900, recorded: 2900, duplicates: 0, rejected: 0 })
    expect(await run()).toEqual({ read: 2900, recorded: 0, duplicates: 2900, rejected: 0 })
    expect(memory.drafts.some(draft => draft.notes?.some(note => note.path === '/data') === true)).toBe(false)
  })
})
