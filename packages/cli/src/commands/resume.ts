import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addPauseScope, type PauseScopeFlags, pauseScopeOf } from '../flags/pause-scope.ts'
import type { Host } from '../host.ts'

/** `annals resume`: the end of a pause. */
export function configure(command: Command, host: Host): void {
  addPauseScope(command).description('End the pause of a tenant or project, by the names it began with.')
  command.action(async (flags: PauseScopeFlags) => host.run(command, async context => end(context, flags)))
}

async function end(context: Context, flags: PauseScopeFlags): Promise<ExitCode> {
  const { resume } = await import('annals/lifecycle')
  const request = pauseScopeOf('resume', flags)
  const { index } = await performAct(context, resume, request, { task: 'resume', unit: 'entries' })
  context.output.note(`everything is recorded again, as recorded at position ${index}`)
  return endOf(context)
}
