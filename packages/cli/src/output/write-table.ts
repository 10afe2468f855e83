import type { AuditEvent } from 'annals/model'
import { visible } from './escape.ts'
import type { EventWriter } from './event-writer.ts'
import type { Field, View } from './fields.ts'
import type { Output } from './output.ts'
import { type Column, headLine, type Layout, layOut, rowLine } from './table.ts'
import { localTime, zoneLabel } from './time.ts'

/** How to write events as a table. */
export interface TableOptions {
  readonly output: Output
  readonly view: View
  readonly fields: readonly Field[]
  /** Fit lines to the terminal; otherwise values are full and columns as wide as the rows measured. */
  readonly cut: boolean
}

// Rows measured before the first is shown; later rows keep the widths.
const MEASURED = 100

/** A table: columns are measured on the first rows, then each event is shown at once. */
export function createTableWriter({ output, view, fields, cut }: TableOptions): EventWriter {
  const columns = fields.map(field => titled(field, view, cut))
  const width = cut ? output.out.columns : Number.POSITIVE_INFINITY
  let held: string[][] = []
  let layout: Layout | undefined

  const show = async (): Promise<void> => {
    if (layout === undefined && held.length > 0) {
      layout = layOut(columns, held, width)
      await output.data(`${headLine(layout, output.out)}\n`)
    }
    const rows = held
    held = []
    for (const row of rows) await output.data(`${rowLine(layout ?? [], row, output.out)}\n`)
  }
  return {
    async write(event): Promise<void> {
      held.push(fields.map(field => visible(textOf(field, event, view, cut))))
      if (layout !== undefined || held.length >= MEASURED) await show()
    },
    async flush(): Promise<void> {
      await show()
      await output.flush()
    },
    async end(): Promise<void> {
      await show()
      await output.flush()
    },
  }
}

function textOf(field: Field, event: AuditEvent, view: View, cut: boolean): string {
  if (field.short === undefined) return field.text(event, view)
  // A wide table has room for whole times, but keeps names and sentences.
  return !cut && isTime(field) ? localTime(field.text(event, view), view.zone) : field.short(event, view)
}

function titled(field: Field, view: View, cut: boolean): Column {
  const title = isTime(field)
    ? `${field.column.title} (${zoneLabel(view.zone, view.now())})`
    : field.column.title
  if (cut) return { ...field.column, title }
  const { cut: _cut, spare: _spare, ...whole } = field.column
  return { ...whole, title }
}

function isTime(field: Field): boolean {
  return field.name === 'time' || field.name === 'recorded'
}
