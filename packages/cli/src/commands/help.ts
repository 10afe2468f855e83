import type { Command } from 'commander'
import { configureCommand } from '../configure-command.ts'
import type { Context } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { TOPICS } from '../help/topics.ts'
import type { CommandEntry, Configure } from './command-entry.ts'

/** `annals help`: a topic, a command of this table, or the overview. */
export function configureFor(commands: readonly CommandEntry[]): Configure {
  return (command, host) => {
    command.argument('[topic...]', `a command, or one of: ${TOPICS.map(topic => topic.name).join(', ')}`)
    command.action(async (words: string[]) =>
      host.run(command, async context =>
        help(context, command, words, one => configureCommand(commands, one, host)),
      ),
    )
  }
}

async function help(
  context: Context,
  command: Command,
  words: readonly string[],
  configure: (command: Command) => Promise<void>,
): Promise<ExitCode> {
  const { output } = context
  const [name, leaf] = words
  const program = command.parent ?? command
  const topic = TOPICS.find(one => one.name === name)
  const asked = program.commands.find(one => one.name() === name || one.aliases().includes(name ?? ''))
  if (name === undefined) await output.data(program.helpInformation())
  else if (topic !== undefined) await output.data(await topic.load())
  else if (asked !== undefined && asked !== command) {
    await configure(asked)
    const shown = asked.commands.find(one => one.name() === leaf) ?? asked
    // outputHelp, unlike helpInformation, includes the text around the list of flags.
    await output.flush()
    shown.outputHelp()
  } else if (asked === command) await output.data(command.helpInformation())
  else throw unknown(name, program.commands)
  await output.flush()
  return 0
}

function unknown(name: string, commands: readonly Command[]): UsageFailure {
  const known = [
    ...TOPICS.map(topic => topic.name),
    ...commands.flatMap(one => [one.name(), ...one.aliases()]),
  ]
  return new UsageFailure(`no help on "${name}"`, { choice: { given: name, known: [...new Set(known)] } })
}
