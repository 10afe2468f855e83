import type { Command } from 'commander'
import type { CommandEntry } from './commands/command-entry.ts'
import { addGlobalFlags } from './flags/global-flags.ts'
import type { Host } from './host.ts'

/** Loads the file of a command and lets it declare itself. */
export async function configureCommand(
  commands: readonly CommandEntry[],
  command: Command,
  host: Host,
): Promise<void> {
  const entry = commands.find(one => one.name === command.name())
  if (entry === undefined) return
  const configure = await entry.load()
  configure(command, host)
  for (const one of withThoseBelow(command)) addGlobalFlags(one)
}

function withThoseBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withThoseBelow)]
}
