import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { shellWord } from '../directory/shell-word.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import type { Host } from '../host.ts'

const PERIODS = ['hour', 'day', 'month'] as const
type Period = (typeof PERIODS)[number]

interface InitFlags {
  readonly origin?: string
  readonly period?: string
}

/** `annals init`: makes a directory for a log; does nothing when it is there. */
export function configure(command: Command, host: Host): void {
  command
    .option(
      '--origin <name>',
      'name of the log, as its checkpoints carry it; like a host name with a path, no scheme',
    )
    .option('--period <period>', 'calendar period of one chunk: hour|day|month (default day)')
  command.action(async (flags: InitFlags) => host.run(command, async context => init(context, flags)))
}

async function init(context: Context, flags: InitFlags): Promise<ExitCode> {
  const { output, globals } = context
  const period = periodOf(flags.period)
  const existed = await holdsLog(globals.dir)
  if (!existed) {
    const { openTrail } = await import('annals')
    const trail = await openTrail({ dir: globals.dir, origin: flags.origin, period })
    await trail.close()
  }
  const dir = shellWord(globals.dir)
  output.note(
    existed
      ? `A log exists already in ${globals.dir}; nothing was changed.`
      : `Made a log in ${globals.dir}.`,
  )
  output.note(`
Record a first event:
  annals emit --dir ${dir} --action machine.create --actor user/alice --target machine/web-1
See it:
  annals list --dir ${dir}
Check that nothing was tampered with:
  annals verify --dir ${dir}

In a program:
  import { openTrail } from 'annals'
  await using trail = await openTrail({ dir: ${JSON.stringify(globals.dir)} })
  await trail.record('machine.create', { actor: { type: 'user', id: 'alice' }, targets: [{ type: 'machine', id: 'web-1' }] })`)
  return 0
}

function periodOf(text: string | undefined): Period | undefined {
  const period = PERIODS.find(one => one === text)
  if (text !== undefined && period === undefined) {
    throw new UsageFailure(`--period: unknown value "${text}"`, { choice: { given: text, known: PERIODS } })
  }
  return period
}

async function holdsLog(dir: string): Promise<boolean> {
  if (!existsSync(dir)) return false
  const { openReader } = await import('annals')
  try {
    await (await openReader({ dir })).close()
    return true
  } catch (error) {
    if (isCoded(error) && error.code === 'ANNALS_NOT_FOUND') return false
    throw error
  }
}
