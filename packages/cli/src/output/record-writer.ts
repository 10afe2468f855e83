import { csvRow } from 'annals/formats/csv'
import type { Globals } from '../flags/global-flags.ts'
import { visible, visibleCell } from './escape.ts'
import { cellText } from './field-path.ts'
import type { Output } from './output.ts'
import { type Column, headLine, layOut, rowLine } from './table.ts'
import { jsonLine } from './write-json.ts'

/** One column of a small report. */
export interface RecordColumn {
  readonly name: string
  readonly align?: 'left' | 'right'
}

/** How to show a small report: its rows are kept until the end. */
export interface RecordWriterOptions {
  readonly output: Output
  readonly globals: Pick<Globals, 'format' | 'header' | 'csvRaw' | 'fields'>
  readonly columns: readonly RecordColumn[]
}

/** Shows rows of named values in the form the global flags ask for. */
export interface RecordWriter {
  write(row: Readonly<Record<string, unknown>>): Promise<void>
  end(): Promise<void>
}

/** A writer for reports such as counts or event types. */
export function createRecordWriter({ output, globals, columns: all }: RecordWriterOptions): RecordWriter {
  const columns =
    globals.fields === undefined ? all : all.filter(column => globals.fields?.includes(column.name))
  const names = columns.map(column => column.name)
  const format = globals.format ?? (output.out.isTTY ? 'table' : 'tsv')
  const rows: Readonly<Record<string, unknown>>[] = []
  const picked = (row: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(names.map(name => [name, row[name] ?? null]))
  const cells = (row: Readonly<Record<string, unknown>>): string[] =>
    names.map(name => visible(cellText(row[name])))

  const text = (): string => {
    switch (format) {
      case 'json':
        return rows.length === 0 ? '[]\n' : `[\n${rows.map(row => jsonLine(picked(row))).join(',\n')}\n]\n`
      case 'ndjson':
        return rows.map(row => `${jsonLine(picked(row))}\n`).join('')
      case 'csv':
        return [names, ...rows.map(row => names.map(name => cellText(row[name])))]
          .map(row => csvRow(row.map(output.out.isTTY ? visible : visibleCell), { raw: globals.csvRaw }))
          .join('')
      case 'table':
      case 'wide':
        return tableOf(columns, rows.map(cells), output, format === 'wide')
      case 'tsv':
      case 'sentence':
      case 'id': {
        const head = globals.header ? [names.map(name => name.toUpperCase())] : []
        return [...head, ...rows.map(cells)].map(row => `${row.join('\t')}\n`).join('')
      }
    }
  }
  return {
    async write(row): Promise<void> {
      rows.push(row)
    },
    async end(): Promise<void> {
      await output.data(text())
      await output.flush()
    },
  }
}

function tableOf(
  columns: readonly RecordColumn[],
  rows: readonly string[][],
  output: Output,
  wide: boolean,
): string {
  if (rows.length === 0) return ''
  const shown = columns.map(
    ({ name, align }): Column => ({
      title: name.toUpperCase(),
      cut: 'end',
      ...(align === undefined ? {} : { align }),
    }),
  )
  const width = wide || !output.out.isTTY ? Number.POSITIVE_INFINITY : output.out.columns
  const layout = layOut(shown, rows, width)
  return [headLine(layout, output.out), ...rows.map(row => rowLine(layout, row, output.out))]
    .map(line => `${line}\n`)
    .join('')
}
