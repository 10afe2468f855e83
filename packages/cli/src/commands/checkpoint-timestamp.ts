import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { grouped } from '../output/progress.ts'
import { jsonLine } from '../output/write-json.ts'

/** `annals checkpoint timestamp`: an RFC 3161 token over the newest checkpoint. */
export function configureTimestamp(command: Command, host: Host): void {
  command
    .description('Have a time-stamping authority (RFC 3161) confirm when the newest checkpoint existed.')
    .requiredOption('--tsa <url>', 'address of the authority; it sees a hash only')
  command.addHelpText(
    'after',
    '\nCheckpoint and token are kept in checkpoints/. "annals verify --tsa-ca FILE" checks the tokens with the root certificate of the authority.',
  )
  command.action(async ({ tsa }: { readonly tsa: string }) =>
    host.run(command, async context => stamp(context, tsa)),
  )
}

async function stamp(context: Context, url: string): Promise<ExitCode> {
  const { timestamp } = await import('annals/lifecycle')
  const { size, bytes } = await performAct(context, timestamp, { url }, { task: 'timestamp', unit: 'tokens' })
  const { output, globals } = context
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine({ size, bytes })}\n`)
  } else await output.data(`The checkpoint over ${grouped(size)} entries is time-stamped.\n`)
  await output.flush()
  return endOf(context)
}
