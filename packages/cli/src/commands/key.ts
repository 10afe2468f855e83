import type { ListedKey } from 'annals/lifecycle'
import { parseDuration } from 'annals/query'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { confirmed } from '../directory/confirm.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { referenceOf } from '../flags/reference.ts'
import type { Host } from '../host.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { asGroup } from './group.ts'

interface RotateFlags {
  readonly overlap?: string
  readonly actor?: string
}

interface RetireFlags {
  readonly now?: true
  readonly yes?: true
}

const LISTED: readonly RecordColumn[] = ['key', 'state', 'since', 'until', 'id'].map(name => ({ name }))

/** `annals key`: the keys of a log. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const list = group
    .command('list')
    .alias('ls')
    .description('List the keys of the log, without anything secret.')
  list.action(async () => host.run(list, listAll))
  const rotate = asGroup(group.command('rotate').description('Change a key of the log.'))
  const log = rotate
    .command('log')
    .description(
      'Change the key that signs the log; the old one signs beside it for a while and is then destroyed.',
    )
    .option('--overlap <duration>', 'how long the old key goes on to sign, such as 7d (default: 30d)')
    .option('--actor <type/id>', 'who asked (default: the log itself)')
  log.addHelpText('after', '\nGive the new verifier key to everyone who verifies before the overlap ends.')
  log.action(async (flags: RotateFlags) => host.run(log, async context => rotateLog(context, flags)))
  const kek = rotate
    .command('kek')
    .description('Change the key-encryption key: every secret is wrapped anew, and the old key is destroyed.')
  kek.action(async () => host.run(kek, rotateKeyEncryption))
  const retire = group
    .command('retire')
    .description('Destroy the old key of the log when its overlap is over.')
    .option('--now', 'also when it is not over, as when the key was stolen')
    .option('--yes', 'do not ask; needed with --now where there is no terminal')
  retire.action(async (flags: RetireFlags) => host.run(retire, async context => retireOld(context, flags)))
}

async function listAll(context: Context): Promise<ExitCode> {
  const { listKeys } = await import('annals/lifecycle')
  const keys: readonly ListedKey[] = await performAct(
    context,
    listKeys,
    {},
    { task: 'key list', unit: 'keys' },
  )
  const writer = createRecordWriter({ ...context, columns: LISTED })
  for (const key of keys) await writer.write({ ...key })
  await writer.end()
  return endOf(context)
}

async function rotateLog(context: Context, { overlap, actor }: RotateFlags): Promise<ExitCode> {
  const request = {
    ...(overlap === undefined ? {} : { overlap: secondsOf(overlap) }),
    ...(actor === undefined ? {} : { actor: referenceOf('--actor', actor) }),
  }
  const { rotateLogKey } = await import('annals/lifecycle')
  const { vkey, until } = await performAct(context, rotateLogKey, request, {
    task: 'key rotate log',
    unit: 'keys',
  })
  await context.output.data(`${vkey}\n`)
  context.output.note(`the new key signs; the old one signs beside it until ${until} and is then destroyed`)
  context.output.note('give the verifier key on stdout to everyone who verifies, over a way they trust')
  return endOf(context)
}

async function rotateKeyEncryption(context: Context): Promise<ExitCode> {
  const { rotateKek } = await import('annals/lifecycle')
  const { id } = await performAct(context, rotateKek, {}, { task: 'key rotate kek', unit: 'chunks' })
  context.output.note(`every secret is wrapped with the new key (id ${id}), and the old one is destroyed`)
  context.output.note('copies of keys/ from before can be opened with the key they hold: let them expire')
  return endOf(context)
}

async function retireOld(context: Context, flags: RetireFlags): Promise<ExitCode> {
  const force = flags.now === true
  if (force && flags.yes !== true) {
    const question = 'Destroy the old key although its overlap is not over?'
    if (!(await confirmed(context, question, 'See "annals key list", then say --yes.')))
      return endOf(context, 2)
  }
  const { retireLogKey } = await import('annals/lifecycle')
  const { retired } = await performAct(context, retireLogKey, { force }, { task: 'key retire', unit: 'keys' })
  for (const vkey of retired) await context.output.data(`${vkey}\n`)
  context.output.note(
    retired.length === 0 ? 'nothing to retire' : 'destroyed the private keys of the verifier keys on stdout',
  )
  return endOf(context)
}

function secondsOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms >= 0) return Math.floor(ms / 1_000)
  throw new UsageFailure(`--overlap: "${text}" is not a duration`, { hint: 'Such as 12h, 7d or 4w.' })
}
