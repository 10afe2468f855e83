import type { Counts } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf, unlessInterrupted } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { askedOf } from '../flags/asked.ts'
import { addQueryFlags, type QueryFlags } from '../flags/query-flags.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { createRecordWriter } from '../output/record-writer.ts'
import { jsonLine } from '../output/write-json.ts'

interface StatsFlags extends QueryFlags {
  readonly by?: string
}

/** `annals stats`: counts of events. */
export function configure(command: Command, host: Host): void {
  addQueryFlags(command)
  addServerFlags(command)
  command
    .optionsGroup('Options:')
    .option('--by <fields>', 'group by these, such as action,outcome,actor,hour (default action)')
  command.addHelpText('after', '\nEvents are counted: an operation with attempt and outcome counts twice.')
  command.action(async (terms: string[], flags: StatsFlags) =>
    host.run(command, async context => stats(context, terms, flags)),
  )
}

async function stats(context: Context, terms: readonly string[], flags: StatsFlags): Promise<ExitCode> {
  const by = (flags.by ?? 'action').split(',').map(field => field.trim())
  if (by.includes(''))
    throw new UsageFailure('--by: an empty field', {
      hint: 'Separate fields by single commas, such as --by action,outcome.',
    })
  const asked = await askedOf(context, terms, flags)
  const counts = await withReader(context, reader =>
    unlessInterrupted(
      context,
      reader.count(asked.text, by, { includeLog: asked.includeLog, timeZone: asked.timeZone }),
    ),
  )
  await show(context, counts, by)
  return endOf(context)
}

async function show(
  { output, globals }: Context,
  { total, groups }: Counts,
  by: readonly string[],
): Promise<void> {
  if (globals.format === 'json') {
    await output.data(`${jsonLine({ total, groups: groups.map(({ key, count }) => ({ key, count })) })}\n`)
    return
  }
  const writer = createRecordWriter({
    output,
    globals,
    columns: [...by.map(name => ({ name })), { name: 'count', align: 'right' as const }],
  })
  for (const { key, count } of groups) await writer.write({ ...key, count })
  await writer.end()
  if (output.err.isTTY) output.note(`${total.toLocaleString('en-US')} events in ${groups.length} groups`)
}
