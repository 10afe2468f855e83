import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { configPath, readConfig } from '../remote/config-file.ts'
import { forget } from '../remote/forget.ts'

/** `annals logout`: forgets the token of the server in use. */
export function configure(command: Command, host: Host): void {
  command.option('--context <name>', 'the one of this name instead of the one in use')
  command.addHelpText(
    'after',
    '\nThe token itself stays valid: "annals token revoke" ends it. Without a server, commands work on a directory again.',
  )
  command.action(async () => host.run(command, logout))
}

async function logout(context: Context): Promise<ExitCode> {
  const { output, globals, env } = context
  const config = await readConfig(env)
  const name = globals.server.context ?? config.current
  if (name === undefined) output.note(`Not signed in to any server; see ${configPath(env) ?? 'HOME'}.`)
  else {
    const endpoint = await forget(name, config, env)
    output.note(`Forgot the token of ${endpoint}.`)
  }
  return endOf(context)
}
