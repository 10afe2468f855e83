import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { createRecordWriter } from '../output/record-writer.ts'
import { jsonLine } from '../output/write-json.ts'
import { serverOf } from '../remote/place.ts'
import { askWho } from '../remote/who.ts'

/** `annals whoami`: who the token makes us on the server. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
  command.action(async () => host.run(command, whoami))
}

async function whoami(context: Context): Promise<ExitCode> {
  const { output, globals } = context
  const place = await serverOf(context)
  const who = await askWho(context, place)
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine({ endpoint: place.endpoint, ...who })}\n`)
    await output.flush()
    return endOf(context)
  }
  const { name, actor, role, permissions, filter, level, expiresAt } = who
  const rows = {
    endpoint: place.endpoint,
    actor: `${actor.type}/${actor.id}`,
    name,
    role,
    may: permissions.join(', '),
    sees: filter === '' ? `everything up to the level ${level}` : `${filter}, up to the level ${level}`,
    until: expiresAt,
  }
  const writer = createRecordWriter({ ...context, columns: [{ name: 'what' }, { name: 'value' }] })
  for (const [what, value] of Object.entries(rows))
    if (value !== undefined) await writer.write({ what, value })
  await writer.end()
  return endOf(context)
}
