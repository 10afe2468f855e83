import { once } from 'node:events'
import type { RunningServer } from '@annals/server'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { addSettingFlags, type SettingFlags } from '../serving/setting-flags.ts'
import { settingsInForce } from '../serving/settings-in-force.ts'
import { startHere } from '../serving/start-here.ts'
import { tellReady } from '../serving/tell-ready.ts'

/** `annals serve`: lets others record, read, watch and verify over the network. */
export function configure(command: Command, host: Host): void {
  addSettingFlags(command)
  command.addHelpText(
    'after',
    `
The first start of a directory makes the administrator's key and prints it once, to stdout. -o json prints one line
{"url","key"} when the server is ready. Ctrl-C or SIGTERM answers what is under way, then ends; a second one does not wait.
SIGHUP reads the certificate anew, unless it comes from a terminal that is closed.`,
  )
  command.action(async (flags: SettingFlags) => host.run(command, async context => serve(context, flags)))
}

async function serve(context: Context, flags: SettingFlags): Promise<ExitCode> {
  const { settings } = await settingsInForce(context, flags)
  const server = await startHere(settings)
  // Whoever closes the terminal means the server to end; a service is told to read its certificate anew.
  const ignore = context.output.out.isTTY ? () => {} : onHangup(server)
  try {
    await tellReady(context, server, `Annals serves ${visible(settings.dir)}`)
    if (!context.signal.aborted) await once(context.signal, 'abort')
  } finally {
    ignore()
    await server.close()
  }
  return 0
}

function onHangup(server: RunningServer): () => void {
  const reload = (): void => void server.reload()
  process.on('SIGHUP', reload)
  return () => void process.off('SIGHUP', reload)
}
