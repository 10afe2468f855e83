import type { Command } from 'commander'
import { UsageFailure } from '../failure/failure.ts'

/** Makes a command one that only holds others: without one of them it is a mistake, answered with their names. */
export function asGroup(command: Command): Command {
  return command
    .helpCommand(false)
    .usage('[options] <command>')
    .argument('[command]')
    .action((given: string | undefined) => {
      const known = command.commands.map(one => one.name())
      const name = command.name()
      if (given === undefined)
        throw new UsageFailure(`${name}: which command?`, {
          why: `${name} only holds others`,
          hint: `Known: ${known.join(', ')}.`,
        })
      throw new UsageFailure(`unknown command '${name} ${given}'`, {
        why: `${name} has no such command`,
        choice: { given, known },
      })
    })
}
