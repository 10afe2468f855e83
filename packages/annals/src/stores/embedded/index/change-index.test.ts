import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { changeIndex, prepareIndex, shredIndex } from './change-index.ts'
import type { IndexChange, SpanOf } from './change-rows.ts'
import { type IndexRow, indexIntact, PLACE_EVERY, removeIndex, SegmentIndexWriter } from './segment-index.ts'

const FIRST = 1_000
const HOUR = 3_600_000

function temporary(): string {
  const dir = mkdtempSync(join(tmpdir(), 'annals-index-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, '000000001000.idx')
}

function rowOf(n: number, words: readonly string[], hour = n % 5): IndexRow {
  return {
    index: FIRST + n,
    offset: 64 + n * 100,
    terms: ['*', 'x:door.open', ...words].join(' '),
    time: hour * HOUR + n,
    action: 'door.open',
    result: 'success',
    phase: 'single',
    key: n % 3 === 0 ? `key${n}` : undefined,
  }
}

/** Writes an index of rows; some may be missing, as thinned entries are. */
function make(
  path: string,
  rows: readonly (IndexRow | undefined)[],
  closed: boolean,
  batchAt: (at: number) => number = () => 500,
): void {
  const writer = SegmentIndexWriter.open(path, FIRST, 64)
  for (let at = 0, batch = batchAt(0); at < rows.length; at += batch, batch = batchAt(at)) {
    const slice = rows.slice(at, at + batch)
    writer.add(FIRST + at + slice.length, insert => {
      for (const row of slice) if (row !== undefined) insert(row)
      return 64 + (at + slice.length) * 100
    })
  }
  if (closed) expect(writer.finish()).toBe(true)
  else writer.close()
}

/** Everything that an index says, but for the places of blocks, which stay when their events go. */
function said(path: string): unknown {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    db.exec("CREATE VIRTUAL TABLE temp.pairs USING fts5vocab('main', 'term', 'instance')")
    const spans = db
      .prepare('SELECT block, oldest, newest FROM place WHERE oldest <= newest ORDER BY 1')
      .all()
    return [
      db.prepare('SELECT term, doc FROM temp.pairs ORDER BY 1, 2').all(),
      spans,
      db.prepare('SELECT * FROM keyed ORDER BY 1').all(),
      db.prepare('SELECT * FROM rollup ORDER BY 1, 2, 3, 4').all(),
      db.prepare('SELECT * FROM meta ORDER BY 1').all(),
    ]
  } finally {
    db.close()
  }
}

function spansOf(rows: readonly (IndexRow | undefined)[]): SpanOf {
  return block => {
    const times = rows
      .slice(block * PLACE_EVERY, (block + 1) * PLACE_EVERY)
      .flatMap(row => (row === undefined ? [] : [row.time]))
    return times.length === 0 ? undefined : [Math.min(...times), Math.max(...times)]
  }
}

function changesOf(
  before: readonly IndexRow[],
  after: readonly (IndexRow | undefined)[],
): readonly IndexChange[] {
  return before.flatMap((row, n) => (row === after[n] ? [] : [{ before: row, after: after[n] }]))
}

it.each([true, false])(
  'a changed index says what one made from the rows that are left says, closed: %s',
  async closed => {
    const word = fc.integer({ min: 0, max: 60 }).map(n => `u:person-${n * n * 7919}`)
    const one = fc.record({
      words: fc.uniqueArray(word, { maxLength: 4 }),
      left: fc.uniqueArray(word, { maxLength: 2 }),
      fate: fc.constantFrom('stays', 'stays', 'erased', 'same time', 'thinned'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 150 }), async fates => {
        const path = temporary()
        const rows = fates.map(({ words }, n) => rowOf(n, words))
        const after = fates.map(({ left, fate }, n) => {
          if (fate === 'stays') return rows[n]
          if (fate === 'thinned') return undefined
          return rowOf(n, [...left, 'y:is-erased'], fate === 'erased' ? 9 : n % 5)
        })
        make(path, rows, closed)
        const changes = changesOf(rows, after)
        if (closed) {
          const prepared = await prepareIndex(path, path, FIRST, changes, spansOf(after))
          expect(prepared).toBeDefined()
          expect(indexIntact(path)).toBe(true)
          removeIndex(path)
          prepared?.place()
          expect(indexIntact(path)).toBe(true)
        } else expect(changeIndex(path, FIRST, changes, spansOf(after))).toBe(true)
        const made = `${path}.made`
        make(made, after, closed)
        const [pairs, spans, keys, counts, meta] = said(path) as unknown[][]
        const expected = said(made) as unknown[][]
        expect({ pairs, spans, keys, counts }).toEqual({
          pairs: expected[0],
          spans: expected[1],
          keys: expected[2],
          counts: expected[3],
        })
        // Of an index in which nothing is left both bounds are beyond every time; one made anew has none.
        if (after.some(row => row !== undefined)) expect(meta).toEqual(expected[4])
        await shredIndex(made)
      }),
      { numRuns: 25 },
    )
  },
)

it('nothing of a forgotten term parts the pages of the index, however long a beginning it shares', async () => {
  const path = temporary()
  const name = (n: number): string => `u:a.long.common.beginning.${n.toString().padStart(6, '0')}.end`
  const rows = Array.from({ length: 4_000 }, (_, n) => rowOf(n, [name(n), `w:x${n}`]))
  // Whole stretches go, so that whole pages do.
  const after = rows.map((row, n) => (n % 1_000 < 600 ? rowOf(n, ['y:is-erased']) : row))
  make(path, rows, true)
  const prepared = await prepareIndex(path, path, FIRST, changesOf(rows, after), spansOf(after))
  expect(prepared).toBeDefined()
  removeIndex(path)
  prepared?.place()
  const db = new DatabaseSync(path, { readOnly: true })
  onTestFinished(() => db.close())
  const separators = db.prepare('SELECT term FROM term_idx').all() as { term: Uint8Array }[]
  const live = after.flatMap(row => row.terms.split(' '))
  expect(separators.length).toBeGreaterThan(5)
  for (const { term } of separators) {
    const text = Buffer.from(term).toString('latin1').slice(1)
    expect(
      live.some(one => one.startsWith(text)),
      text,
    ).toBe(true)
  }
})

// SQLite balances its b-trees by copying cells, and leaves old copies between those of a page, whatever `secure_delete` says.
it('no byte of a forgotten term is left, whatever the batches were in which the index grew', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 12 }), batches => {
      const path = temporary()
      const rows = Array.from({ length: 300 }, (_, n) =>
        rowOf(n, [
          ...Array.from({ length: 12 }, (_, k) => `d:${k}=${(n * (k + 3) * 7919) % 5003}`),
          ...(n % 3 === 0 ? ['u:alice-1', 'w:alice', 'w:liddell', 'a:user/alice-1'] : ['u:bob-22']),
        ]),
      )
      const after = rows.map((row, n) => (n % 3 === 0 ? rowOf(n, []) : row))
      make(path, rows, false, at => batches[at % batches.length] ?? 1)
      expect(changeIndex(path, FIRST, changesOf(rows, after), spansOf(after))).toBe(true)
      const bytes = readFileSync(path)
      expect(['alice', 'lice-1', 'liddell'].filter(text => bytes.includes(text))).toEqual([])
    }),
    { numRuns: 20, examples: [[[1, 3, 1, 1]]] },
  )
})

it('what a shredded index said is overwritten before it is removed', async () => {
  const path = temporary()
  make(path, [rowOf(0, ['u:wilhelmine-of-the-moor'])], false)
  const { openSync, readSync, closeSync } = await import('node:fs')
  const fd = openSync(path, 'r')
  onTestFinished(() => closeSync(fd))
  const { size } = statSync(path)
  expect(readFileSync(path).includes('wilhelmine-of-the-moor')).toBe(true)
  await shredIndex(path)
  expect(existsSync(path)).toBe(false)
  const bytes = Buffer.alloc(size, 1)
  expect(readSync(fd, bytes, 0, size, 0)).toBe(size)
  expect(bytes.every(byte => byte === 0)).toBe(true)
})
