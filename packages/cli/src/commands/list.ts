import type { Found, TrailReader } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf, isInterrupted } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import { shellLine } from '../directory/shell-word.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { type Asked, askedOf } from '../flags/asked.ts'
import { type Expectation, expectationOf, isMet } from '../flags/expectation.ts'
import { countOf } from '../flags/limit.ts'
import { addQueryFlags, type QueryFlags } from '../flags/query-flags.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { eventWriterFor } from '../output/event-view.ts'
import { grouped } from '../output/progress.ts'
import { type Place, placeWords } from '../remote/place.ts'

interface ListFlags extends QueryFlags {
  readonly limit?: string
  readonly reverse?: true
  readonly cursor?: string
  readonly expect?: string
}

const DEFAULT_LIMIT = 50
const PAGE = 500

/** `annals list`: events newest first. */
export function configure(command: Command, host: Host): void {
  addQueryFlags(command)
  addServerFlags(command)
  command
    .optionsGroup('Options:')
    .option('--limit <n>', `most events to list; 0 for all (default ${DEFAULT_LIMIT})`)
    .option('--reverse', 'oldest first, from the beginning of the log')
    .option('--cursor <cursor>', 'go on where a list of the same query ended')
    .option('--expect <what>', 'none, some or a number: exit 10 when another number of events match')
  command.action(async (terms: string[], flags: ListFlags) =>
    host.run(command, async context => list(context, terms, flags)),
  )
}

async function list(context: Context, terms: readonly string[], flags: ListFlags): Promise<ExitCode> {
  const limit = flags.limit === undefined ? DEFAULT_LIMIT : countOf('--limit', flags.limit)
  const expected = flags.expect === undefined ? undefined : expectationOf(flags.expect)
  const asked = await askedOf(context, terms, flags)
  return await withReader(context, async (reader, place) => {
    const walk = await walkPages(
      context,
      reader,
      asked,
      flags,
      limit === 0 ? Number.POSITIVE_INFINITY : limit,
    )
    tellEnd(context, place, walk, asked, flags)
    if (isInterrupted(context)) return 130
    if (expected !== undefined && !(await holds(reader, asked, expected, walk))) {
      context.output.complain(
        `expected ${expected}, found ${walk.shown}${walk.next === undefined ? '' : ' and more'}`,
      )
      return 10
    }
    return endOf(context)
  })
}

interface Walk {
  readonly shown: number
  /** Cursor behind the last event shown; absent at the end. */
  readonly next: string | undefined
  readonly watermark: number
}

async function walkPages(
  context: Context,
  reader: TrailReader,
  asked: Asked,
  flags: ListFlags,
  limit: number,
): Promise<Walk> {
  const { output, signal } = context
  const writer = eventWriterFor(context, reader, asked.timeZone)
  // On a terminal the rows themselves show the progress.
  const progress = limit > DEFAULT_LIMIT && !output.out.isTTY ? output.progress('list', 'events') : undefined
  let shown = 0
  let cursor = flags.cursor
  let page: Found
  do {
    page = await reader.find(asked.text, {
      order: flags.reverse ? 'asc' : 'desc',
      limit: Math.min(PAGE, limit - shown),
      includeLog: asked.includeLog,
      timeZone: asked.timeZone,
      cursor,
    })
    for (const event of page.events) await writer.write(event)
    await output.flush()
    shown += page.events.length
    progress?.update(shown)
    cursor = page.next
  } while (cursor !== undefined && shown < limit && !signal.aborted)
  progress?.end()
  await writer.end()
  return { shown, next: cursor, watermark: page.watermark }
}

function tellEnd(context: Context, place: Place, walk: Walk, asked: Asked, flags: ListFlags): void {
  const { shown, next, watermark } = walk
  const { output, globals } = context
  const isShownToPeople = output.err.isTTY || globals.verbose
  if (isInterrupted(context) && next !== undefined) {
    const words = [
      'annals',
      'list',
      ...(asked.text === '' ? [] : [asked.text]),
      ...placeWords(place),
      '--limit',
      '0',
    ]
    if (flags.reverse) words.push('--reverse')
    if (asked.includeLog) words.push('--include-log')
    output.complain(
      `interrupted after ${grouped(shown)} events; go on with:\n  ${shellLine([...words, '--tz', asked.timeZone, '--cursor', next])}`,
    )
  } else if (isShownToPeople && !output.closed) {
    const rest = next === undefined ? '' : '; there are more: --limit 0 lists all'
    output.note(
      `${grouped(shown)} ${shown === 1 ? 'event' : 'events'}${rest}; complete up to position ${grouped(watermark)}`,
    )
  }
}

/** A number is compared with all matches, also those beyond the limit. */
async function holds(reader: TrailReader, asked: Asked, expected: Expectation, walk: Walk): Promise<boolean> {
  if (typeof expected !== 'number' || walk.next === undefined) return isMet(expected, walk.shown)
  const { total } = await reader.count(asked.text, [], {
    includeLog: asked.includeLog,
    timeZone: asked.timeZone,
  })
  return isMet(expected, total)
}
