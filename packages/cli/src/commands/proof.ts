import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import type { Host } from '../host.ts'

/** `annals proof`: the receipt of one event. */
export function configure(command: Command, host: Host): void {
  command.argument('<id>', 'event id or position')
  command.addHelpText(
    'after',
    '\nPrints C2SP tlog-proof text: it proves to anyone with the public key that the event is in the log.',
  )
  command.action(async (id: string) => host.run(command, async context => proof(context, id)))
}

async function proof(context: Context, id: string): Promise<ExitCode> {
  await withReader(context, async reader => {
    const text = await reader.receipt(/^\d+$/.test(id) ? Number(id) : id).catch((error: unknown) => {
      if (!isCoded(error) || error.code !== 'ANNALS_NOT_FOUND') throw error
      throw new Failure(`no event ${id}`, {
        exit: 4,
        code: error.code,
        why: error.message,
        hint: 'Look for it with "annals list"; an id is copied whole.',
        cause: error,
      })
    })
    await context.output.data(text)
    await context.output.flush()
  })
  return endOf(context)
}
