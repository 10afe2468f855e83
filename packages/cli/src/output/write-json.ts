import type { AuditEvent } from 'annals/model'
import { visibleJson } from './escape.ts'
import type { EventWriter } from './event-writer.ts'
import type { Field, View } from './fields.ts'
import type { Output } from './output.ts'

/** How to write events as JSON. */
export interface JsonOptions {
  readonly output: Output
  readonly view: View
  /** Only these, under their names. @defaultValue the whole event */
  readonly fields?: readonly Field[] | undefined
}

/** One array: `[]` when there is no event. */
export function createJsonWriter(options: JsonOptions): EventWriter {
  const { output } = options
  let count = 0
  return {
    async write(event): Promise<void> {
      await output.data((count++ === 0 ? '[\n' : ',\n') + textOf(event, options))
    },
    flush: () => output.flush(),
    async end(): Promise<void> {
      await output.data(count === 0 ? '[]\n' : '\n]\n')
      await output.flush()
    },
  }
}

/** One object a line: nothing at all when there is no event. */
export function createNdjsonWriter(options: JsonOptions): EventWriter {
  const { output } = options
  return {
    write: event => output.data(`${textOf(event, options)}\n`),
    flush: () => output.flush(),
    end: () => output.flush(),
  }
}

/** A value as one line of JSON that a terminal can show. */
export function jsonLine(value: unknown): string {
  return visibleJson(JSON.stringify(value))
}

function textOf(event: AuditEvent, { fields, view }: JsonOptions): string {
  if (fields === undefined) return jsonLine(event)
  return jsonLine(Object.fromEntries(fields.map(field => [field.name, field.value(event, view) ?? null])))
}
