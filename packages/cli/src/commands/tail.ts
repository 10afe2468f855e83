import type { AuditEvent, TrailReader } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf, isInterrupted } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import { shellLine } from '../directory/shell-word.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { type Asked, askedOf } from '../flags/asked.ts'
import { countOf } from '../flags/limit.ts'
import { addQueryFlags, type QueryFlags } from '../flags/query-flags.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { eventWriterFor } from '../output/event-view.ts'
import type { EventWriter } from '../output/event-writer.ts'
import { type Place, placeWords } from '../remote/place.ts'

interface TailFlags extends QueryFlags {
  readonly n?: string
  readonly since?: string
  readonly untilMatch?: true
}

const BACKLOG = 20
const MOST_BACKLOG = 1000

/** `annals tail`: the newest events, then each new one as it is recorded. */
export function configure(command: Command, host: Host): void {
  addQueryFlags(command)
  addServerFlags(command)
  command
    .optionsGroup('Options:')
    .option(
      '-n <count>',
      `newest events to begin with, at most ${MOST_BACKLOG} (default ${BACKLOG}; 0 with --until-match)`,
    )
    .option('--since <position>', 'begin at this position of the log instead')
    .option('--until-match', 'end with exit code 0 after the first event')
  command.addHelpText('after', '\nCtrl-C prints the command that goes on without a gap, and exits 130.')
  command.action(async (terms: string[], flags: TailFlags) =>
    host.run(command, async context => tail(context, terms, flags)),
  )
}

async function tail(context: Context, terms: readonly string[], flags: TailFlags): Promise<ExitCode> {
  const since = flags.since === undefined ? undefined : countOf('--since', flags.since)
  const wanted = flags.n === undefined ? (flags.untilMatch ? 0 : BACKLOG) : countOf('-n', flags.n)
  const asked = await askedOf(context, terms, flags)
  return await withReader(context, async (reader, place) => {
    const writer = eventWriterFor(context, reader, asked.timeZone)
    const backlog =
      since === undefined
        ? await showBacklog(reader, writer, asked, Math.min(wanted, MOST_BACKLOG))
        : { shown: 0, next: since }
    let { next } = backlog
    if (!(flags.untilMatch && backlog.shown > 0)) {
      for await (const event of following(context, reader, asked, next)) {
        await show(writer, event)
        next = event.index + 1
        if (flags.untilMatch) break
      }
    }
    await writer.end()
    if (isInterrupted(context))
      context.output.complain(
        `interrupted; go on with:\n  ${resumeCommand(context, place, asked, next, flags)}`,
      )
    return endOf(context)
  })
}

/** The newest events; `next` is where the live part begins, with nothing lost between. */
async function showBacklog(
  reader: TrailReader,
  writer: EventWriter,
  asked: Asked,
  limit: number,
): Promise<{ readonly shown: number; readonly next: number }> {
  const { includeLog, timeZone } = asked
  const page = await reader.find(asked.text, { order: 'desc', limit, includeLog, timeZone })
  for (const event of page.events.toReversed()) await writer.write(event)
  await writer.flush()
  return { shown: page.events.length, next: page.asOf }
}

/** Events from a position on until the command is stopped; being stopped is no error. */
async function* following(
  context: Context,
  reader: TrailReader,
  asked: Asked,
  seek: number,
): AsyncGenerator<AuditEvent, void, undefined> {
  const { signal } = context
  const { includeLog, timeZone } = asked
  try {
    yield* reader.events(asked.text, { seek, follow: true, includeLog, timeZone, signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function show(writer: EventWriter, event: AuditEvent): Promise<void> {
  await writer.write(event)
  await writer.flush()
}

function resumeCommand(
  { globals }: Context,
  place: Place,
  asked: Asked,
  next: number,
  flags: TailFlags,
): string {
  const words = [
    'annals',
    'tail',
    ...(asked.text === '' ? [] : [asked.text]),
    ...placeWords(place),
    '--since',
    String(next),
  ]
  if (asked.includeLog) words.push('--include-log')
  if (flags.untilMatch) words.push('--until-match')
  if (flags.tz !== undefined) words.push('--tz', flags.tz)
  if (globals.format !== undefined) words.push('-o', globals.format)
  return shellLine(words)
}
