import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withDirectory } from '../directory/open-reader.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { repeated } from '../flags/draft-flags.ts'
import { addPauseScope, type PauseScopeFlags, pauseScopeOf } from '../flags/pause-scope.ts'
import type { Host } from '../host.ts'
import { createRecordWriter } from '../output/record-writer.ts'

interface PauseFlags extends PauseScopeFlags {
  readonly oneIn?: string
  readonly except?: readonly string[]
}

const COLUMNS = ['tenant', 'project', 'oneIn', 'except', 'since', 'reason', 'index'] as const

/** `annals pause`: recording of a tenant or project stops, or is thinned. */
export function configure(command: Command, host: Host): void {
  addPauseScope(command)
    .description('Stop or thin recording for a tenant or project, until "annals resume".')
    .option('--one-in <n>', 'record one event in so many of each action, instead of none')
    .option('--except <action>', 'record this all the same, such as access.**; may be repeated', repeated)
  command.action(async (flags: PauseFlags) => host.run(command, async context => begin(context, flags)))
  const list = command.command('list').alias('ls').description('List the pauses in force.')
  list.action(async () => host.run(list, listPauses))
}

async function begin(context: Context, { oneIn, except, ...flags }: PauseFlags): Promise<ExitCode> {
  if (oneIn !== undefined && !/^\d{1,15}$/.test(oneIn))
    throw new UsageFailure(`--one-in: "${oneIn}" is no number`, { hint: 'Such as --one-in 100.' })
  const request = {
    ...pauseScopeOf('pause', flags),
    ...(oneIn === undefined ? {} : { oneIn: Number(oneIn) }),
    ...(except === undefined ? {} : { except }),
  }
  const { pause } = await import('annals/lifecycle')
  const { index } = await performAct(context, pause, request, { task: 'pause', unit: 'entries' })
  const what = oneIn === undefined ? 'recording is paused' : 'recording is thinned'
  context.output.note(`${what}, as recorded at position ${index}; "annals resume" ends it`)
  return endOf(context)
}

async function listPauses(context: Context): Promise<ExitCode> {
  const { PAUSE_QUERY, Pauses } = await import('annals/policy')
  const pauses = new Pauses()
  await withDirectory(context, async reader => {
    for await (const event of reader.events(PAUSE_QUERY)) pauses.take(event)
  })
  const { output, globals } = context
  const writer = createRecordWriter({ output, globals, columns: COLUMNS.map(name => ({ name })) })
  for (const { scope, except, ...pause } of pauses.all)
    await writer.write({ ...scope, ...pause, except: except.join(' ') })
  await writer.end()
  return endOf(context)
}
