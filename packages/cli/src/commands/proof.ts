import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { discloseOf } from '../flags/disclose.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'

/** `annals proof`: the receipt of one event. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
    .argument('<id>', 'event id or position')
    .option('--disclose <parts>', 'content that goes with it: all, none or names such as who,what', 'none')
  command.addHelpText(
    'after',
    '\nPrints C2SP tlog-proof text: it proves to anyone with the public key that the event is in the log, and what was\ndisclosed of it. "annals verify FILE --policy FILE" checks it without the log.',
  )
  command.action(async (id: string, { disclose }: { readonly disclose: string }) =>
    host.run(command, async context => proof(context, id, discloseOf(disclose))),
  )
}

async function proof(context: Context, id: string, disclose: 'all' | readonly string[]): Promise<ExitCode> {
  await withReader(context, async reader => {
    const at = /^\d+$/.test(id) ? Number(id) : id
    const text = await reader.receipt(at, { disclose }).catch((error: unknown) => {
      if (!isCoded(error) || error.code !== 'ANNALS_NOT_FOUND' || error.path !== undefined) throw error
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
