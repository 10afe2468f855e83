import type { ListedChunk, NotSealed } from 'annals/lifecycle'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { dayText } from '../output/date-text.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { asGroup } from './group.ts'

const LISTED: readonly RecordColumn[] = [
  { name: 'period' },
  { name: 'chunk', align: 'right' },
  { name: 'state' },
  { name: 'entries', align: 'right' },
  { name: 'bytes', align: 'right' },
  { name: 'classes' },
  { name: 'expires' },
]

const SEALED: readonly RecordColumn[] = [
  { name: 'period' },
  { name: 'chunk', align: 'right' },
  { name: 'entries', align: 'right' },
]

/** `annals chunk`: the calendar periods that a log is kept in. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const list = group
    .command('list')
    .alias('ls')
    .description('List the chunks: what they hold of each class, and what expires next.')
  list.action(async () => host.run(list, listAll))
  const seal = group
    .command('seal')
    .description('Seal every chunk that has ended: compact, searchable as before, and stated in the log.')
  seal.addHelpText('after', '\nA process that holds the log does this by itself when a chunk ends.')
  seal.action(async () => host.run(seal, sealAll))
}

async function listAll(context: Context): Promise<ExitCode> {
  const { listChunks } = await import('annals/lifecycle')
  const chunks = await performAct(context, listChunks, {}, { task: 'chunk list', unit: 'chunks' })
  const structured = context.globals.format === 'json' || context.globals.format === 'ndjson'
  const columns = structured ? [...LISTED, { name: 'end' }, { name: 'first' }, { name: 'last' }] : LISTED
  const writer = createRecordWriter({ ...context, columns })
  for (const chunk of chunks) await writer.write(structured ? rowOf(chunk) : textRow(chunk, context))
  await writer.end()
  return endOf(context)
}

function rowOf(chunk: ListedChunk): Readonly<Record<string, unknown>> {
  return { ...chunk, entries: chunk.end - chunk.chunk }
}

function textRow(chunk: ListedChunk, context: Context): Readonly<Record<string, unknown>> {
  const { classes, expires, bytes } = chunk
  const table = context.output.out.isTTY
  return {
    ...rowOf(chunk),
    bytes: table ? sizeText(bytes) : bytes,
    classes: Object.entries(classes)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    expires: expires === undefined ? undefined : `${dayText(expires.at, context)} ${expires.class}`,
  }
}

async function sealAll(context: Context): Promise<ExitCode> {
  const { seal } = await import('annals/lifecycle')
  const { sealed, failed } = await performAct(context, seal, {}, { task: 'seal', unit: 'chunks' })
  const writer = createRecordWriter({ ...context, columns: SEALED })
  for (const one of sealed) await writer.write({ ...one })
  await writer.end()
  if (context.output.err.isTTY && sealed.length === 0 && failed.length === 0)
    context.output.note('nothing to seal: every chunk that has ended is sealed')
  return endOf(context, complainOf(context, failed))
}

/** Tells of chunks that could not be sealed; the exit code that this means. */
export function complainOf({ output }: Context, failed: readonly NotSealed[]): ExitCode {
  for (const { period, chunk, why } of failed)
    output.complain(`warning: the chunk ${period} from position ${chunk} was not sealed: ${why}`)
  return failed.length === 0 ? 0 : 1
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
