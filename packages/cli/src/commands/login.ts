import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { askToken } from '../remote/ask-token.ts'
import { CONTEXT_NAME, readConfig, writeConfig } from '../remote/config-file.ts'
import { endpointOf } from '../remote/endpoint.ts'
import { givenToken } from '../remote/token.ts'
import { askWho, whoText } from '../remote/who.ts'

/** What signing in is told. */
export interface LoginFlags {
  /** Of the context. */
  readonly name?: string
}

/** `annals login`: keeps the token of a server. */
export function configure(command: Command, host: Host): void {
  command
    .option('--endpoint <url>', 'server to sign in to (env ANNALS_ENDPOINT, else the one before)')
    .option('--token-file <file>', 'file with the token; "-" is standard input (env ANNALS_TOKEN_FILE)')
    .option('--name <name>', 'name of the context (default its host and port)')
  command.addHelpText(
    'after',
    `
The token comes from --token-file, ANNALS_TOKEN, ANNALS_TOKEN_FILE or standard input, and never from the command line. It is
checked first, then kept in ~/.config/annals/config.json, which nobody else can read.

  annals login --endpoint https://annals.example.com < token.txt`,
  )
  command.action(async (flags: LoginFlags) => host.run(command, async context => login(context, flags)))
}

/** Checks a token and keeps it; what other commands ask is then this server. */
export async function login(context: Context, { name }: LoginFlags): Promise<ExitCode> {
  const { output, globals, env, stdin } = context
  const config = await readConfig(env)
  const endpoint = endpointFor(context, config.contexts[config.current ?? '']?.endpoint)
  const called = name ?? new URL(endpoint).host
  if (!CONTEXT_NAME.test(called))
    throw new UsageFailure(`--name: ${JSON.stringify(called)} is no name of a context`, {
      hint: 'Use letters, digits and . _ : @ -, such as prod.',
    })
  const given = await givenToken({ tokenFile: globals.server.tokenFile, env, stdin })
  const token = given ?? (await askToken(context))
  const who = await askWho(context, { kind: 'server', endpoint, token })
  const path = await writeConfig(
    { current: called, contexts: { ...config.contexts, [called]: { endpoint, token } } },
    env,
  )
  output.note(visible(`Signed in to ${endpoint} as ${whoText(who)}; kept in ${path}.`))
  return endOf(context)
}

function endpointFor({ globals, env }: Context, before: string | undefined): string {
  const { endpoint } = globals.server
  if (endpoint !== undefined) return endpointOf(endpoint, '--endpoint', env)
  if (env['ANNALS_ENDPOINT']) return endpointOf(env['ANNALS_ENDPOINT'], 'ANNALS_ENDPOINT', env)
  if (before !== undefined) return endpointOf(before, 'the current context', env)
  throw new UsageFailure('sign in to which server?', {
    hint: 'Name it: annals login --endpoint https://annals.example.com.',
  })
}
