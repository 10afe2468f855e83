import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { createRecordWriter } from '../output/record-writer.ts'
import { readConfig, writeConfig } from '../remote/config-file.ts'
import { forget } from '../remote/forget.ts'
import { asGroup } from './group.ts'
import { login } from './login.ts'

/** `annals context`: the servers that somebody has signed in to. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const all = group.command('list').alias('ls').description('List them; tokens are never shown.')
  all.action(async () => host.run(all, list))
  const use = group
    .command('use')
    .description('Let other commands ask this one.')
    .argument('<name>', 'its name')
  use.action(async (name: string) => host.run(use, async context => switchTo(context, name)))
  const add = group
    .command('add')
    .description('Sign in to one more, as "annals login" does.')
    .argument('<name>', 'what to call it')
    .requiredOption('--endpoint <url>', 'server to sign in to')
    .option('--token-file <file>', 'file with the token; "-" is standard input (env ANNALS_TOKEN_FILE)')
  add.action(async (name: string) => host.run(add, async context => login(context, { name })))
  const rm = group
    .command('rm')
    .description('Forget one with its token, which stays valid.')
    .argument('<name>', 'its name')
  rm.action(async (name: string) => host.run(rm, async context => remove(context, name)))
}

async function list(context: Context): Promise<ExitCode> {
  const { current, contexts } = await readConfig(context.env)
  const columns = [{ name: 'name' }, { name: 'endpoint' }, { name: 'current' }]
  const writer = createRecordWriter({ ...context, columns })
  for (const [name, { endpoint }] of Object.entries(contexts))
    await writer.write({ name, endpoint, current: name === current ? 'current' : undefined })
  await writer.end()
  return endOf(context)
}

async function switchTo(context: Context, name: string): Promise<ExitCode> {
  const { contexts } = await readConfig(context.env)
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (found === undefined)
    throw new UsageFailure(`no context "${name}"`, {
      why: 'you have not signed in to a server under this name',
      choice: { given: name, known: Object.keys(contexts) },
    })
  await writeConfig({ current: name, contexts }, context.env)
  context.output.note(`Commands ask ${found.endpoint} now.`)
  return endOf(context)
}

async function remove(context: Context, name: string): Promise<ExitCode> {
  const endpoint = await forget(name, await readConfig(context.env), context.env)
  context.output.note(`Forgot ${name} (${endpoint}).`)
  return endOf(context)
}
