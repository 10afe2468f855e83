import type { DatabaseSync } from 'node:sqlite'
import { type IndexRow, PLACE_EVERY } from './segment-index.ts'
import { hasStaleSeparator } from './separators.ts'

/** What becomes of the row of an event when content of it goes; without `after` the event goes as a whole. */
export interface IndexChange {
  /** The row as it was made from the record before. */
  readonly before: IndexRow
  readonly after: IndexRow | undefined
}

/** Earliest and latest occurredAt of the events that a block has now, ms; undefined when none is left. */
export type SpanOf = (block: number) => readonly [oldest: number, newest: number] | undefined

/** Beyond every instant: the span of a block without events is empty. */
const NEVER = 8.64e15

/**
 * Changes rows of an index in one transaction. FTS5 with `secure-delete` overwrites what it forgets; only the terms at which
 * its pages part stay behind, and are made anew.
 *
 * @returns false when a forgotten term is still to be read in the index
 */
export function changeRows(
  db: DatabaseSync,
  first: number,
  changes: readonly IndexChange[],
  spanOf: SpanOf,
): boolean {
  const forgotten = new Set<string>()
  db.exec('BEGIN IMMEDIATE')
  try {
    const forget = db.prepare("INSERT INTO term(term, rowid, t) VALUES ('delete', ?, ?)")
    const insert = db.prepare('INSERT INTO term(rowid, t) VALUES (?, ?)')
    const unkey = db.prepare('DELETE FROM keyed WHERE key = ? AND row = ?')
    const blocks = new Set<number>()
    for (const { before, after } of changes) {
      const row = before.index - first
      const had = new Set(before.terms.split(' '))
      const has = new Set(after?.terms.split(' '))
      const gone = [...had.difference(has)]
      const come = [...has.difference(had)]
      for (const term of gone) forgotten.add(term)
      if (gone.length > 0) forget.run(row, gone.join(' '))
      if (come.length > 0) insert.run(row, come.join(' '))
      if (before.key !== undefined && after === undefined) unkey.run(before.key, row)
      if (before.time !== after?.time) blocks.add(Math.floor(row / PLACE_EVERY))
    }
    countAnew(db, changes)
    spanAnew(db, blocks, spanOf)
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
  if (hasStaleSeparator(db, forgotten)) db.exec("INSERT INTO term(term) VALUES ('optimize')")
  return !hasStaleSeparator(db, forgotten)
}

function countAnew(db: DatabaseSync, changes: readonly IndexChange[]): void {
  const counts = new Map<string, { readonly group: (string | number)[]; by: number }>()
  const count = (row: IndexRow | undefined, by: number): void => {
    if (row === undefined) return
    const group = [Math.floor(row.time / 3_600_000), row.action, row.result, row.phase]
    const seen = counts.get(group.join(' '))
    if (seen === undefined) counts.set(group.join(' '), { group, by })
    else seen.by += by
  }
  for (const { before, after } of changes) {
    count(before, -1)
    count(after, 1)
  }
  const add = db.prepare(
    'INSERT INTO rollup VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
  )
  for (const { group, by } of counts.values()) if (by !== 0) add.run(...group, by)
  db.exec('DELETE FROM rollup WHERE count = 0')
}

function spanAnew(db: DatabaseSync, blocks: ReadonlySet<number>, spanOf: SpanOf): void {
  if (blocks.size === 0) return
  const place = db.prepare('UPDATE place SET oldest = ?, newest = ? WHERE block = ?')
  for (const block of blocks) {
    const [oldest, newest] = spanOf(block) ?? [NEVER, -NEVER]
    place.run(oldest, newest, block)
  }
  const span = db.prepare('SELECT min(oldest) AS oldest, max(newest) AS newest FROM place').get() as {
    oldest: number | null
    newest: number | null
  }
  const meta = db.prepare('UPDATE meta SET value = ? WHERE name = ?')
  meta.run(span.oldest, 'oldest')
  meta.run(span.newest, 'newest')
}
