import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { repeated } from '../flags/draft-flags.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { jsonLine } from '../output/write-json.ts'
import { askServer, type Question } from '../remote/ask-server.ts'
import { serverOf } from '../remote/place.ts'
import { type KeyFlags, newKeyOf, type ViewerFlags, viewerTokenOf } from '../remote/wanted-token.ts'
import { asGroup } from './group.ts'

/** What is read of a key. */
interface Key {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly scopes: readonly string[]
  readonly expiresAt?: string
  readonly revokedAt?: string
}

const COLUMNS: readonly RecordColumn[] = [
  'id',
  'name',
  'role',
  'scopes',
  'tenant',
  'project',
  'filter',
  'createdAt',
  'lastUsedAt',
  'expiresAt',
  'revokedAt',
].map(name => ({ name }))

/** `annals token`: who may do what on the server. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  configureCreate(group.command('create'), host)
  const all = addServerFlags(group.command('list').alias('ls')).description(
    'List the keys; never their secrets.',
  )
  all.action(async () => host.run(all, list))
  const revoke = addServerFlags(group.command('revoke'))
    .description('End keys, their live streams and the viewer tokens made with them, at once and for ever.')
    .argument('<id...>', 'ids of keys, as "annals token list" shows them')
  revoke.action(async (ids: string[]) => host.run(revoke, async context => revokeAll(context, ids)))
  configureViewer(group.command('viewer'), host)
}

function configureCreate(command: Command, host: Host): void {
  addServerFlags(command)
    .description('Make a key and print its token, once. It can be given no more than its maker has.')
    .requiredOption('--name <name>', 'what it is for, for people')
    .requiredOption('--role <role>', 'operator|tenant-admin|owner|maintainer|user|auditor|recorder')
    .option('--scopes <a,b>', 'only these of record,read,export,verify,operate (default all of the role)')
    .option('--tenant <id>', 'only this tenant')
    .option('--project <id>', 'only this project')
    .option('--subject <type/id>', 'who "me" is')
    .option('--query <query>', 'only what this finds')
    .option('--since <time>', 'nothing recorded before; ISO 8601 with a zone')
    .option('--ttl <duration>', 'ends after so long, such as 12h or 90d')
    .option('--expires <time>', 'ends at this time; ISO 8601 with a zone')
  command.addHelpText('after', '\n  annals token create --name ci --role recorder > ci.token')
  command.action(async (flags: KeyFlags) =>
    host.run(command, async context => {
      const body = newKeyOf(flags, context.now())
      const answer = (await ask(context, { method: 'POST', path: '/v1/tokens', body })) as {
        token: string
        key: Key
      }
      const { id, name, role, scopes } = answer.key
      const until = answer.key.expiresAt === undefined ? '' : `, until ${answer.key.expiresAt}`
      return await showToken(
        context,
        answer,
        `Key ${id} "${name}", ${role}: may ${scopes.join(', ')}${until}. Its token is not shown again.`,
      )
    }),
  )
}

function configureViewer(command: Command, host: Host): void {
  addServerFlags(command)
    .description('Make a short-lived token for a page and print it. It shows no more than its maker sees.')
    .option('--query <query>', 'only what this finds (default all that the maker sees)')
    .option('--ttl <duration>', 'ends after so long, at most 15m (default 15m)')
    .option('--level <level>', 'public|owner|operator')
    .option('--mask <pointer>', 'a field that is withheld, such as /origin/ip; may be repeated', repeated)
    .option('--permissions <a,b>', 'of read,tail,export (default read,tail)')
    .option('--me <type/id>', 'who "me" is')
    .option('--act-as <type/id>', 'who looks, as the log is told (default who "me" is)')
  command.addHelpText('after', '\n  annals token viewer --query target:project/42 --ttl 5m')
  command.action(async (flags: ViewerFlags) =>
    host.run(command, async context => {
      const question = { method: 'POST', path: '/v1/viewer-tokens', body: viewerTokenOf(flags) } as const
      const answer = (await ask(context, question)) as { token: string; id: string; expiresAt: string }
      return await showToken(context, answer, `Viewer token ${answer.id}, until ${answer.expiresAt}.`)
    }),
  )
}

async function list(context: Context): Promise<ExitCode> {
  const { tokens } = (await ask(context, { path: '/v1/tokens' })) as { tokens: readonly Key[] }
  const writer = createRecordWriter({ ...context, columns: COLUMNS })
  for (const key of tokens) await writer.write({ ...key })
  await writer.end()
  return endOf(context)
}

async function revokeAll(context: Context, ids: readonly string[]): Promise<ExitCode> {
  for (const id of ids) {
    const path = `/v1/tokens/${encodeURIComponent(id)}`
    const { key } = (await ask(context, { method: 'DELETE', path })) as { key: Key }
    context.output.note(visible(`Revoked ${key.id} "${key.name}", at ${key.revokedAt ?? 'once'}.`))
  }
  return endOf(context)
}

/** The token alone on stdout, so that it can be piped; everything about it on stderr. */
async function showToken(
  context: Context,
  answer: { readonly token: string },
  about: string,
): Promise<ExitCode> {
  const { output, globals } = context
  const isJson = globals.format === 'json' || globals.format === 'ndjson'
  await output.data(`${isJson ? jsonLine(answer) : visible(answer.token)}\n`)
  await output.flush()
  output.note(visible(about))
  return endOf(context)
}

async function ask(context: Context, question: Question): Promise<unknown> {
  return await askServer(context, await serverOf(context), question)
}
