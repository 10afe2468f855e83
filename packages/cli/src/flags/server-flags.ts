import type { Command } from 'commander'

/** Declares the flags of a command that works on a directory or on a server. */
export function addServerFlags(command: Command): Command {
  return command
    .optionsGroup('Server:')
    .option('--endpoint <url>', 'server to ask (env ANNALS_ENDPOINT, else that of "annals login")')
    .option('--context <name>', 'one of the servers that you have signed in to')
    .option('--token-file <file>', 'file with the token; "-" is standard input (env ANNALS_TOKEN_FILE)')
    .optionsGroup('Options:')
}
