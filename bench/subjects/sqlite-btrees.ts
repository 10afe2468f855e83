import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { OpenSubject } from './subject.ts'

/** The obvious alternative: one SQLite table with b-trees, synchronous FULL, group commit on the main thread; no hashing, no words. */
export const sqliteBtrees: OpenSubject = async dir => {
  const db = new DatabaseSync(join(dir, 'events.db'))
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
    CREATE TABLE event (id INTEGER PRIMARY KEY, time TEXT, tenant TEXT, actor TEXT, target TEXT, action TEXT, outcome TEXT, body TEXT);
    CREATE INDEX a ON event (tenant, id); CREATE INDEX b ON event (actor, id); CREATE INDEX c ON event (target, id);
    CREATE INDEX d ON event (action, id); CREATE INDEX e ON event (time)`)
  const insert = db.prepare(
    'INSERT INTO event (time, tenant, actor, target, action, outcome, body) VALUES (?,?,?,?,?,?,?)',
  )
  let rows: { values: (string | null)[]; tell: () => void }[] = []
  let scheduled = false
  const flush = (): void => {
    scheduled = false
    const batch = rows
    rows = []
    db.exec('BEGIN')
    for (const { values } of batch) insert.run(...values)
    db.exec('COMMIT')
    for (const { tell } of batch) tell()
  }
  return {
    name: 'SQLite b-trees, synchronous FULL, no hashing',
    record: draft =>
      new Promise<void>(resolve => {
        const outcome = typeof draft.outcome === 'string' ? draft.outcome : (draft.outcome?.result ?? null)
        rows.push({
          values: [
            String(draft.occurredAt ?? ''),
            draft.tenant ?? null,
            draft.actor?.id ?? null,
            draft.targets?.[0]?.id ?? null,
            draft.action,
            outcome,
            JSON.stringify(draft),
          ],
          tell: resolve,
        })
        if (!scheduled) {
          scheduled = true
          setImmediate(flush)
        }
      }),
    close: async () => db.close(),
  }
}
