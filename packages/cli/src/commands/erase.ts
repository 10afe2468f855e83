import type { EraseRequest, EraseResult } from 'annals/lifecycle'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { confirmed } from '../directory/confirm.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { repeated } from '../flags/draft-flags.ts'
import { type Reference, referenceOf } from '../flags/reference.ts'
import type { Host } from '../host.ts'
import { readPersons } from '../input/read-persons.ts'
import { grouped } from '../output/progress.ts'
import { createRecordWriter } from '../output/record-writer.ts'

interface EraseFlags {
  readonly person?: readonly string[]
  readonly event?: readonly string[]
  readonly part?: readonly string[]
  readonly basis?: string
  readonly request?: string
  readonly approveBy?: string
  readonly actor?: string
  readonly mentions?: string
  readonly exceptHeld?: true
  readonly dryRun?: true
  readonly yes?: true
}

const COLUMNS = ['persons', 'events', 'parts', 'keys', 'mentions', 'held', 'authorities'] as const

/** `annals erase`: erases persons, or redacts events. */
export function configure(command: Command, host: Host): void {
  command
    .option(
      '--person <type/id>',
      'a person; may be repeated; "-" reads them from stdin, one a line',
      repeated,
    )
    .option('--event <id>', 'an event, by id or position; may be repeated', repeated)
    .option('--part <name>', 'only this part of the events, such as who or what; may be repeated', repeated)
    .option('--basis <text>', 'the law or agreement that asks for it; it stays in the log (required)')
    .option('--request <ref>', 'reference of the request, such as a ticket; it stays in the log')
    .option('--approve-by <a,b>', 'who approved: ids of users, or type/id')
    .option('--actor <type/id>', 'who erases (default: the log itself)')
    .option('--mentions <how>', 'parts that only name a person: erase|report|ignore')
    .option('--except-held', 'erase what no hold keeps, instead of refusing')
    .option('--dry-run', 'show what would be erased, and change nothing')
    .option('--yes', 'do not ask')
  command.addHelpText(
    'after',
    `
The order is recorded in the log, without naming anybody, and signed before anything is deleted. Everything else still verifies.
Erasing again does nothing. With --person - nobody is named in the list of processes.

  echo user/alice | annals erase --person - --basis "GDPR Art. 17" --request T-4711 --yes
  annals erase --event 0192f0c1-7c1e-7a52-9d0c-3b1f0e8a4d11 --part who --basis "court order"`,
  )
  command.action(async (flags: EraseFlags) => host.run(command, async context => eraseBy(context, flags)))
}

async function eraseBy(context: Context, flags: EraseFlags): Promise<ExitCode> {
  const request = await requestOf(context, flags)
  const { erase } = await import('annals/lifecycle')
  const label = { task: 'erase', unit: 'entries' }
  const asks = flags.dryRun !== true && flags.yes !== true
  if (flags.dryRun === true || asks) {
    const plan = await performAct(context, erase, { ...request, dryRun: true }, label)
    if (flags.dryRun === true) return await show(context, plan)
    context.output.complain(sentence(plan, 'will be'))
    if (plan.parts === 0 && plan.keys === 0) return await show(context, plan)
    if (!(await confirmed(context, 'This cannot be undone. Erase?'))) {
      context.output.complain('nothing was erased')
      return endOf(context, 1)
    }
  }
  return await show(context, await performAct(context, erase, request, label))
}

async function requestOf(context: Context, flags: EraseFlags): Promise<EraseRequest> {
  const { person, event, part, basis, request, approveBy, actor, mentions } = flags
  if ((person === undefined) === (event === undefined)) {
    throw new UsageFailure('either --person or --event', {
      why: person === undefined ? 'it must be said what to erase' : 'both were given',
      hint: 'Erase a person with --person user/alice, or an event with --event ID.',
    })
  }
  if (basis === undefined) {
    throw new UsageFailure('--basis is missing', {
      why: 'the log keeps the reason of every erasure',
      hint: 'Say which law or agreement asks for it: --basis "GDPR Art. 17(1)(a)".',
    })
  }
  if (person?.includes('-') && flags.yes !== true && flags.dryRun !== true) {
    throw new UsageFailure('--person - needs --yes or --dry-run', {
      why: 'standard input holds the names, so nobody can be asked there',
      hint: 'Look at it with --dry-run first.',
    })
  }
  return {
    ...(person === undefined ? {} : { persons: await readPersons(context, person) }),
    ...(event === undefined ? {} : { events: event.map(id => (/^\d+$/.test(id) ? Number(id) : id)) }),
    ...(part === undefined ? {} : { parts: part }),
    basis,
    ...(request === undefined ? {} : { request }),
    ...(approveBy === undefined ? {} : { approvals: approveBy.split(',').map(approverOf) }),
    ...(actor === undefined ? {} : { actor: referenceOf('--actor', actor) }),
    ...(mentions === undefined ? {} : { mentions: mentions as NonNullable<EraseRequest['mentions']> }),
    ...(flags.exceptHeld === true ? { exceptHeld: true } : {}),
  }
}

function approverOf(text: string): string | Reference {
  const name = text.trim()
  return name.includes('/') ? referenceOf('--approve-by', name) : name
}

async function show(context: Context, result: EraseResult): Promise<ExitCode> {
  const { output, globals } = context
  const writer = createRecordWriter({ output, globals, columns: COLUMNS.map(name => ({ name })) })
  await writer.write({ ...result, mentions: result.mentions.erased })
  await writer.end()
  if (output.err.isTTY || globals.verbose)
    output.note(sentence(result, result.dryRun ? 'would be' : result.parts === 1 ? 'was' : 'were'))
  return endOf(context)
}

function sentence(
  { persons, events, parts, keys, mentions, held, positions }: EraseResult,
  verb: string,
): string {
  const lines = [
    `${count(parts, 'part')} of ${count(events, 'event')} ${verb} erased, ${count(keys, 'key')} of ${count(persons, 'person')} destroyed`,
  ]
  if (mentions.erased > 0) lines.push(`${count(mentions.erased, 'part')} of these only name a person`)
  if (mentions.reported > 0)
    lines.push(`${count(mentions.reported, 'part')} name a person and stay; --mentions erase takes them, too`)
  if (mentions.explaining > 0)
    lines.push(
      `${count(mentions.explaining, 'entry')} of the log itself name a person and stay: they explain the rest`,
    )
  if (held > 0) lines.push(`${count(held, 'part')} stay because of holds`)
  if (positions.length > 0) lines.push(`ordered by the log at position ${positions.join(', ')}`)
  return lines.join('\n')
}

function count(number: number, unit: string): string {
  const plural = unit === 'entry' ? 'entries' : `${unit}s`
  return `${grouped(number)} ${number === 1 ? unit : plural}`
}
