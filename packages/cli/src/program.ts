import { Command, type CommanderError } from 'commander'
import { COMMANDS } from './commands/index.ts'
import { configureCommand } from './configure-command.ts'
import { UsageFailure } from './failure/failure.ts'
import { addGlobalFlags } from './flags/global-flags.ts'
import type { Host } from './host.ts'
import { version } from './version.ts'

/** Builds the command line; each command loads its file when it is called. */
export function createProgram(host: Host, writeOut: (text: string) => void): Command {
  const program = new Command('annals')
  program
    .description('An audit trail: record, find, watch and verify who did what.')
    .usage('[options] <command>')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    // Errors come back as exceptions and are shown in one place.
    .configureOutput({ writeOut, writeErr: () => {}, outputError: () => {} })
  addGlobalFlags(program)
  program.addHelpText('after', '\nTopics: annals help query | output | exit-codes | environment')
  for (const entry of COMMANDS) {
    const command = program
      .command(entry.name)
      .summary(entry.summary)
      .description(capital(entry.summary))
      .helpGroup(entry.group)
    if (entry.alias !== undefined) command.alias(entry.alias)
  }
  program.hook('preSubcommand', async (_program, command) => configureCommand(COMMANDS, command, host))
  return program
}

const WHY: Readonly<Record<string, string>> = {
  'commander.unknownOption': 'this command has no such flag',
  'commander.unknownCommand': 'annals has no such command',
  'commander.missingArgument': 'the command cannot work without it',
  'commander.optionMissingArgument': 'the flag needs a value',
  'commander.excessArguments': 'the command takes fewer arguments',
  'commander.help': 'a command of this group is needed',
}

/** A mistake that commander found, in our words. */
export function usageFailure(error: CommanderError): UsageFailure {
  const [what = '', close = ''] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = close.replace(/^\(|\)$/g, '')
  const why = WHY[error.code]
  return new UsageFailure(what, {
    why,
    hint: suggestion === '' ? 'See "annals help" for commands and flags.' : suggestion,
  })
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
