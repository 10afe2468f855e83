import type { TrailReader } from 'annals'
import type { Context } from '../context.ts'
import { createEventWriter } from './create-event-writer.ts'
import type { EventWriter } from './event-writer.ts'

/** A writer of events in the form the global flags ask for. */
export function eventWriterFor(
  context: Context,
  reader: Pick<TrailReader, 'describe'>,
  zone: string,
): EventWriter {
  const { globals, output, now } = context
  return createEventWriter({
    format: globals.format,
    fields: globals.fields,
    header: globals.header,
    csvRaw: globals.csvRaw,
    output,
    view: { describe: event => reader.describe(event), zone, now },
  })
}
