import type { EventWriter } from './event-writer.ts'
import { fieldsOf, TABLE_FIELDS, type View, WIDE_FIELDS } from './fields.ts'
import type { Format } from './format.ts'
import type { Output } from './output.ts'
import { createJsonWriter, createNdjsonWriter } from './write-json.ts'
import { createTableWriter } from './write-table.ts'
import { createCsvWriter, createLineWriter, createTsvWriter } from './write-text.ts'

/** How to show events. */
export interface EventWriterOptions {
  /** Absent: a table on a terminal, tab-separated values in a pipe. */
  readonly format: Format | undefined
  readonly fields: readonly string[] | undefined
  readonly header: boolean
  readonly csvRaw: boolean
  readonly output: Output
  readonly view: View
}

// Full and stable: what scripts cut by column.
const TSV_FIELDS: readonly string[] = ['time', 'outcome', 'actor', 'action', 'target', 'ip', 'id']
const CSV_FIELDS: readonly string[] = [
  'index',
  'id',
  'occurredAt',
  'recordedAt',
  'action',
  'phase',
  'operation',
  'outcome.result',
  'outcome.code',
  'outcome.message',
  'actor.type',
  'actor.id',
  'actor.name',
  'target',
  'targets',
  'tenant',
  'project',
  'origin.ip',
  'origin.requestId',
  'origin.correlationId',
  'tags',
  'sentence',
]

/** A writer for the form asked for. */
export function createEventWriter(options: EventWriterOptions): EventWriter {
  const { output, view, fields: names } = options
  const format = options.format ?? (output.out.isTTY ? 'table' : 'tsv')
  switch (format) {
    case 'table':
      return createTableWriter({
        output,
        view,
        fields: fieldsOf(names ?? TABLE_FIELDS),
        cut: output.out.isTTY,
      })
    case 'wide':
      return createTableWriter({ output, view, fields: fieldsOf(names ?? WIDE_FIELDS), cut: false })
    case 'tsv':
      return createTsvWriter({ output, view, fields: fieldsOf(names ?? TSV_FIELDS), header: options.header })
    case 'csv':
      return createCsvWriter({ output, view, fields: fieldsOf(names ?? CSV_FIELDS), raw: options.csvRaw })
    case 'json':
      return createJsonWriter({ output, view, fields: names && fieldsOf(names) })
    case 'ndjson':
      return createNdjsonWriter({ output, view, fields: names && fieldsOf(names) })
    case 'sentence':
      return createLineWriter(output, event => view.describe(event))
    case 'id':
      return createLineWriter(output, event => event.id)
  }
}
