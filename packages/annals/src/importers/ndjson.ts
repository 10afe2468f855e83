import { type Draft, isLogAction, isPath, type Note, type Source } from '../model/index.ts'
import {
  type Fields,
  fieldsOf,
  identifierOf,
  isFields,
  kindOf,
  listOf,
  openRecord,
  without,
} from './fields.ts'
import { type Importer, ImportReject } from './importer.ts'

/** What the log gives an event, and a draft must not have. `truncated` becomes notes. */
const OF_THE_LOG: ReadonlySet<string> = new Set(['id', 'index', 'recordedAt', 'truncated', 'erased'])

/**
 * This project's own records, one a line: drafts as producers send them, and events as `annals export -o ndjson` writes them.
 *
 * A draft goes as it is; its `id`, when it has one, is the idempotency key. An event (a record with `recordedAt`) becomes a draft
 * again: it loses `id`, `index`, `recordedAt` and the `operation` of a single event, and its source becomes `{ system: 'annals', id }`;
 * one that was imported before keeps its source. The source is the idempotency key, so an event that arrives on two ways arrives
 * once. Values that had been cut stay cut, and a note says so.
 * Events with erased parts are rejected, for what is left would look like the whole; so are the log's own `log.*` events, which
 * only a log can make. The last line of an export that has one for its manifest is no event, and nothing of it is recorded.
 *
 * Fields are checked by the trail that records them.
 *
 * @example
 * ```ts
 * await importRecords(trail, ndjson, createReadStream('export.ndjson'))
 * ```
 */
export const ndjson: Importer = {
  name: 'ndjson',
  summary: 'Annals events or drafts, one a line',
  convert(record) {
    const fields = openRecord(record)
    return isManifest(fields) ? [] : [convert(fields)]
  },
}

/** What an export of a server says of itself in its last line. */
function isManifest(record: Fields): boolean {
  const manifest = record['manifest']
  return Object.keys(record).length === 1 && isFields(manifest) && typeof manifest['sha256'] === 'string'
}

function convert(record: Fields): Draft {
  const action = record['action']
  if (typeof action !== 'string' || !isPath(action))
    throw new ImportReject('/action', `must be a dotted path, got ${kindOf(action)}`)
  if (isLogAction(action))
    throw new ImportReject('/action', `${action} is an event of the log it came from; it cannot be imported`)
  const erased = record['erased']
  if (erased !== undefined && !(Array.isArray(erased) && erased.length === 0)) {
    const parts = listOf(erased).filter(part => identifierOf(part) !== undefined)
    throw new ImportReject('/erased', `parts of the event were erased: ${parts.join(', ')}`)
  }
  sourceOf(record)
  notesOf(record)
  return typeof record['recordedAt'] === 'string' ? again(record, action) : { ...record, action }
}

function again(record: Fields, action: string): Draft {
  const id = identifierOf(record['id'])
  if (id === undefined)
    throw new ImportReject('/id', `must be a text of 1 to 512 bytes, got ${kindOf(record['id'])}`)
  const dropped = new Set(OF_THE_LOG)
  const phase = record['phase']
  if (phase === undefined || phase === 'single') dropped.add('operation')
  const source = sourceOf(record) ?? { system: 'annals', id }
  const cuts = listOf(record['truncated']).filter(isFields).map(cutNote)
  const notes = [...notesOf(record), ...cuts]
  return { ...without(record, dropped), action, source, ...(notes.length > 0 && { notes }) }
}

function cutNote(cut: Fields): Note {
  const [path, digest] = [identifierOf(cut['path']), identifierOf(cut['sha256'])]
  if (path === undefined || digest === undefined || typeof cut['bytes'] !== 'number')
    throw new ImportReject('/truncated', 'not understood')
  return { path, reason: `cut before the export; the full value had ${cut['bytes']} bytes, sha256 ${digest}` }
}

function sourceOf(record: Fields): Source | undefined {
  const source = record['source']
  if (source === undefined) return undefined
  const [system, id] = [identifierOf(fieldsOf(source)['system']), identifierOf(fieldsOf(source)['id'])]
  if (system === undefined || id === undefined)
    throw new ImportReject('/source', 'must have a system and an id')
  return source as Source
}

function notesOf(record: Fields): readonly Note[] {
  const notes = record['notes'] ?? []
  if (!Array.isArray(notes)) throw new ImportReject('/notes', `must be an array, got ${kindOf(notes)}`)
  return notes as readonly Note[]
}
