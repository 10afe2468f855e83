import { csvRow } from 'annals/formats/csv'
import type { AuditEvent } from 'annals/model'
import { visible, visibleCell } from './escape.ts'
import type { EventWriter } from './event-writer.ts'
import type { Field, View } from './fields.ts'
import type { Output } from './output.ts'

/** How to write events as separated values. */
export interface TextOptions {
  readonly output: Output
  readonly view: View
  readonly fields: readonly Field[]
}

/** Tab-separated full values, no header unless asked for; tabs and line ends inside values are escaped. */
export function createTsvWriter({
  output,
  view,
  fields,
  header,
}: TextOptions & { readonly header: boolean }): EventWriter {
  const head = header ? `${fields.map(field => field.column.title).join('\t')}\n` : ''
  const row = (event: AuditEvent): string =>
    `${fields.map(field => visible(field.text(event, view))).join('\t')}\n`
  return headed(output, head, row)
}

/** RFC 4180 with a header. In a file tab, line ends and format characters stay as they are; other controls never do. */
export function createCsvWriter({
  output,
  view,
  fields,
  raw,
}: TextOptions & { readonly raw: boolean }): EventWriter {
  const shown = output.out.isTTY ? visible : visibleCell
  const head = csvRow(
    fields.map(field => shown(field.name)),
    { raw },
  )
  const row = (event: AuditEvent): string =>
    csvRow(
      fields.map(field => shown(field.text(event, view))),
      { raw },
    )
  return headed(output, head, row)
}

/** One text a line. */
export function createLineWriter(output: Output, text: (event: AuditEvent) => string): EventWriter {
  return headed(output, '', event => `${visible(text(event))}\n`)
}

function headed(output: Output, head: string, row: (event: AuditEvent) => string): EventWriter {
  let started = false
  const start = async (): Promise<void> => {
    if (started) return
    started = true
    if (head !== '') await output.data(head)
  }
  return {
    async write(event): Promise<void> {
      await start()
      await output.data(row(event))
    },
    flush: () => output.flush(),
    async end(): Promise<void> {
      await start()
      await output.flush()
    },
  }
}
