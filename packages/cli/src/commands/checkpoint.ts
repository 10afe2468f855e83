import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure } from '../failure/failure.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { configureCompare } from './checkpoint-compare.ts'
import { configureTimestamp } from './checkpoint-timestamp.ts'
import { asGroup } from './group.ts'

/** `annals checkpoint`: what the log has signed. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const newest = group
    .command('latest')
    .description('Print the bytes of the latest signed checkpoint (C2SP signed note).')
  newest.addHelpText(
    'after',
    '\nKeep it outside the log: "annals verify --against FILE" then finds a log that was cut or rewritten.',
  )
  addServerFlags(newest)
  newest.action(async () => host.run(newest, latest))
  configureCompare(group.command('compare'), host)
  configureTimestamp(group.command('timestamp'), host)
}

async function latest(context: Context): Promise<ExitCode> {
  await withReader(context, async reader => {
    const note = await reader.checkpoint()
    if (note === undefined) {
      throw new Failure('no checkpoint yet', {
        exit: 4,
        code: 'ANNALS_NOT_FOUND',
        why: 'nothing has been signed since the log was made',
        hint: 'Record an event first, then ask again.',
      })
    }
    await context.output.bytes(note)
  })
  return endOf(context)
}
