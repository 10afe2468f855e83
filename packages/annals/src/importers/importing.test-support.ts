import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import type { AuditEvent, Draft } from '../model/index.ts'
import { openMemory } from '../stores/memory/index.ts'
import { openTrail } from '../trail/open-trail.ts'
import { type ImportCounts, importRecords } from './import-records.ts'
import { type Importer, ImportReject } from './importer.ts'

const FOLDER = process.env['ANNALS_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data')

/** A file of real records, each line `{logType, ruleId, testName, event}`. */
export interface PantherFile {
  readonly path: string
  readonly isMissing: boolean
  /** For the title of the tests: why they are skipped. */
  readonly skipped: string
  /** The records inside the lines; none when the file is not there. */
  readonly records: readonly Record<string, unknown>[]
}

/** Finds one of panther's files, and reads it. */
export function pantherFile(name: string): PantherFile {
  const path = resolve(FOLDER, 'panther', name)
  const isMissing = !existsSync(path)
  const lines = isMissing ? [] : readFileSync(path, 'utf8').split('\n')
  return {
    path,
    isMissing,
    skipped: isMissing ? ' (skipped: the file is not here; set ANNALS_TEST_DATA to its folder)' : '',
    records: lines
      .filter(line => line !== '')
      .map(line => (JSON.parse(line) as { event: Record<string, unknown> }).event),
  }
}

/** What importing into a real trail, twice, gave. */
export interface Imported {
  readonly first: ImportCounts
  readonly again: ImportCounts
  /** Rejects of the first run by path or first words, counted. */
  readonly reasons: Readonly<Record<string, number>>
  readonly events: readonly AuditEvent[]
}

/** Imports a file, or records one a line, into a new trail in memory; and again. */
export async function importTwice(importer: Importer, from: string | readonly unknown[]): Promise<Imported> {
  await using trail = await openTrail({ store: await openMemory() })
  const input = (): AsyncIterable<Uint8Array> =>
    typeof from === 'string'
      ? createReadStream(from)
      : Readable.from(from.map(record => Buffer.from(`${JSON.stringify(record)}\n`)))
  const reasons: Record<string, number> = {}
  const first = await importRecords(trail, importer, input(), {
    onReject: ({ reason }) => {
      const key = /^\/[^:]*|^The idempotency key/.exec(reason)?.[0] ?? reason
      reasons[key] = (reasons[key] ?? 0) + 1
    },
  })
  const again = await importRecords(trail, importer, input())
  const events: AuditEvent[] = []
  for await (const event of trail.events('')) events.push(event)
  return { first, again, reasons, events }
}

/** The drafts of the records that are understood, each with its record. */
export function understood(
  importer: Importer,
  records: readonly Record<string, unknown>[],
): readonly { readonly record: Record<string, unknown>; readonly draft: Draft }[] {
  return records.flatMap(record => {
    try {
      return importer.convert(record).map(draft => ({ record, draft }))
    } catch (error) {
      if (error instanceof ImportReject) return []
      throw error
    }
  })
}

/** How many events of these records words find, wherever they are searched. */
export async function foundBy(
  importer: Importer,
  records: readonly unknown[],
  words: string,
): Promise<number> {
  await using trail = await openTrail({ store: await openMemory() })
  await trail.recordAll(records.flatMap(record => importer.convert(record)))
  const queries = [words, `actor:${words}`, `target:${words}`]
  const found = await Promise.all(queries.map(query => trail.find(query)))
  return found.reduce((sum, { events }) => sum + events.length, 0)
}

/** Every text, number and flag at whatever depth; no nulls, no empty texts. */
export function leaves(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return value === null || value === '' ? [] : [value]
  return Object.values(value).flatMap(leaves)
}

/** The leaves of a record that its draft does not hold. */
export function lost(record: unknown, draft: Draft): readonly unknown[] {
  const text = JSON.stringify(draft)
  return leaves(record).filter(
    leaf => !text.includes(typeof leaf === 'string' ? JSON.stringify(leaf).slice(1, -1) : String(leaf)),
  )
}
