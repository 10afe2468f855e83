import type { Hold, HoldRequest } from 'annals/lifecycle'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withDirectory } from '../directory/open-reader.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { referenceOf } from '../flags/reference.ts'
import type { Host } from '../host.ts'
import { readPersons } from '../input/read-persons.ts'
import { createRecordWriter } from '../output/record-writer.ts'
import { asGroup } from './group.ts'

interface AddFlags {
  readonly query?: string
  readonly person?: string
  readonly chunk?: string
  readonly operation?: string
  readonly reason?: string
  readonly actor?: string
}

interface ReleaseFlags {
  readonly reason?: string
  readonly actor?: string
}

const COLUMNS = ['hold', 'keeps', 'since', 'released', 'reason', 'index'] as const

/** `annals hold`: legal holds. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  const add = group
    .command('add')
    .description('Set a hold: what it keeps is neither erased nor expires.')
    .argument('<name>', 'name of the hold')
    .option('--query <query>', 'everything that a query finds, now and later')
    .option('--person <type/id>', 'every event about a person; "-" reads stdin')
    .option('--chunk <position>', 'the chunk that begins at this position')
    .option('--operation <id>', 'the events of an operation')
    .option('--reason <text>', 'why; it stays in the log and must name nobody (required)')
    .option('--actor <type/id>', 'who sets it (default: the log itself)')
  add.action(async (name: string, flags: AddFlags) =>
    host.run(add, async context => addHold(context, name, flags)),
  )
  const list = group
    .command('list')
    .alias('ls')
    .description('List the holds in force.')
    .option('--all', 'also those that were released')
  list.action(async (flags: { readonly all?: true }) =>
    host.run(list, async context => listHolds(context, flags.all === true)),
  )
  const end = group
    .command('release')
    .description('Release a hold: what it kept may be erased, and expires.')
    .argument('<name>', 'name of the hold')
    .option('--reason <text>', 'why; it stays in the log (required)')
    .option('--actor <type/id>', 'who releases it (default: the log itself)')
  end.action(async (name: string, flags: ReleaseFlags) =>
    host.run(end, async context => releaseHold(context, name, flags)),
  )
}

async function addHold(context: Context, name: string, flags: AddFlags): Promise<ExitCode> {
  const { query, person, chunk, operation } = flags
  if ([query, person, chunk, operation].filter(one => one !== undefined).length !== 1) {
    throw new UsageFailure('hold add: what is to be kept?', {
      why: 'exactly one of --query, --person, --chunk and --operation says it',
      hint: 'Such as: annals hold add case-7 --query "tenant:acme" --reason "litigation".',
    })
  }
  if (chunk !== undefined && !/^\d+$/.test(chunk))
    throw new UsageFailure(`--chunk: "${chunk}" is no position`, { hint: 'See "annals chunk list".' })
  const request: HoldRequest = {
    hold: name,
    reason: reasonOf(flags),
    ...(query === undefined ? {} : { query }),
    ...(person === undefined ? {} : { person: await onePerson(context, person) }),
    ...(chunk === undefined ? {} : { chunk: Number(chunk) }),
    ...(operation === undefined ? {} : { operation }),
    ...actorOf(flags),
  }
  const { hold } = await import('annals/lifecycle')
  const { index } = await performAct(context, hold, request, { task: 'hold', unit: 'entries' })
  context.output.note(`the hold is in force, as recorded at position ${index}`)
  return endOf(context)
}

async function releaseHold(context: Context, name: string, flags: ReleaseFlags): Promise<ExitCode> {
  const request = { hold: name, reason: reasonOf(flags), ...actorOf(flags) }
  const { release } = await import('annals/lifecycle')
  const { index } = await performAct(context, release, request, { task: 'release', unit: 'entries' })
  context.output.note(`the hold is released, as recorded at position ${index}`)
  return endOf(context)
}

async function listHolds(context: Context, all: boolean): Promise<ExitCode> {
  const { foldHolds, HOLD_QUERY } = await import('annals/lifecycle')
  const holds = await withDirectory(context, async reader => {
    const events = []
    for await (const event of reader.events(HOLD_QUERY)) events.push(event)
    return foldHolds(events)
  })
  const { output, globals } = context
  const writer = createRecordWriter({ output, globals, columns: COLUMNS.map(name => ({ name })) })
  for (const hold of holds) if (all || hold.released === undefined) await writer.write(rowOf(hold))
  await writer.end()
  return endOf(context)
}

function rowOf({ name, scope, since, released, reason, index }: Hold): Readonly<Record<string, unknown>> {
  const keeps = Object.entries(scope)
    .map(([kind, value]) => `${kind} ${value}`)
    .join(', ')
  return { hold: name, keeps, since, released: released?.at, reason, index }
}

function reasonOf({ reason }: { readonly reason?: string }): string {
  if (reason !== undefined) return reason
  throw new UsageFailure('--reason is missing', {
    why: 'the log keeps why a hold was set and released',
    hint: 'Say why, without naming anybody: --reason "litigation 7/2026".',
  })
}

function actorOf({ actor }: { readonly actor?: string }): Pick<HoldRequest, 'actor'> {
  return actor === undefined ? {} : { actor: referenceOf('--actor', actor) }
}

async function onePerson(context: Context, text: string): Promise<{ type: string; id: string }> {
  const [person, ...more] = await readPersons(context, [text])
  if (person === undefined || more.length > 0)
    throw new UsageFailure('--person: one person', { hint: 'Set a hold for each.' })
  return person
}
