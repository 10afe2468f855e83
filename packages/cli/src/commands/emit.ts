import type { Draft, Recorded, Refused } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { type Recorder, withRecorder } from '../directory/open-recorder.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { isOnTheWay } from '../failure/from-error.ts'
import { addDraftFlags, type DraftFlags, draftFromFlags } from '../flags/draft-flags.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { type BackfillFlags, backfilled, backfillOf } from '../input/backfill.ts'
import { interruptible } from '../input/interruptible.ts'
import { openInput } from '../input/open-input.ts'
import { type InputDraft, readDrafts } from '../input/read-drafts.ts'
import { visible } from '../output/escape.ts'
import { grouped } from '../output/progress.ts'
import { createReceiptWriter, noReceipts, type ReceiptWriter } from '../output/write-receipts.ts'

interface EmitFlags extends DraftFlags, BackfillFlags {
  readonly dryRun?: true
}

/** `annals emit`: records drafts as they arrive. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
    .argument('[file]', 'drafts as ndjson or a JSON array; "-" or nothing reads standard input')
    .option('--dry-run', 'check the drafts and record nothing')
    .option(
      '--backfill',
      'enter what happened earlier: each event says when it happened, who entered it and why',
    )
    .option('--basis <text>', 'why and from what it is known, such as a ticket; goes with --backfill')
  addDraftFlags(command)
  command.addHelpText(
    'after',
    `
Each event is answered as soon as it is durable; -o ndjson prints {"id","index"} a line. Refused drafts are told on stderr with
line, path and rule; the others are recorded, and the exit code is 1.

  annals emit --backfill --basis 'ticket 12' --at 2026-02-03T09:00:00Z --action key.revoke --actor user/u1
  annals emit --action backup.run --actor service/cron --target db/main --outcome success
  producer | annals emit -o ndjson`,
  )
  command.action(async (file: string | undefined, flags: EmitFlags) =>
    host.run(command, async context => emit(context, file, flags)),
  )
}

async function emit(context: Context, file: string | undefined, flags: EmitFlags): Promise<ExitCode> {
  const single = draftFromFlags(flags)
  if (single !== undefined && file !== undefined) {
    throw new UsageFailure('both a file and --action', {
      hint: 'Give the drafts in the file, or one draft by flags.',
    })
  }
  const backfill = await backfillOf(context, flags)
  const given = single === undefined ? await draftsFrom(context, file) : one(single)
  const input = backfill === undefined ? given : backfilled(given, backfill)
  const counts: Counts = { stored: 0, refused: 0, paused: 0 }
  if (flags.dryRun === true) {
    const { dryRun } = await import('../directory/dry-run.ts')
    await record(
      context,
      { recorder: dryRun(context.now), receipts: noReceipts(context.output, context.globals.format) },
      input,
      counts,
    )
    context.output.note(
      `${grouped(counts.stored)} valid, ${grouped(counts.refused)} refused; nothing was recorded`,
    )
  } else {
    const receipts = createReceiptWriter(context.output, context.globals.format)
    await withRecorder(context, recorder => record(context, { recorder, receipts }, input, counts))
    if (counts.paused > 0)
      context.output.complain(
        `${grouped(counts.paused)} left out: recording of their tenant or project is paused; see "annals pause list"`,
      )
    if (context.output.err.isTTY)
      context.output.note(`${grouped(counts.stored)} recorded, ${grouped(counts.refused)} refused`)
  }
  // Lost receipts do not make recorded events undone: the refusals decide, also when nobody reads stdout.
  return context.output.closed ? refusalCode(counts.refused) : endOf(context, refusalCode(counts.refused))
}

function refusalCode(refused: number): ExitCode {
  return refused > 0 ? 1 : 0
}

async function draftsFrom(
  context: Context,
  file: string | undefined,
): Promise<AsyncIterable<readonly InputDraft[]>> {
  if ((file ?? '-') === '-' && context.stdin.isTTY === true)
    context.output.note('Reading drafts from the terminal, one JSON object a line; end with Ctrl-D.')
  return readDrafts(interruptible(await openInput(file ?? '-', context), context))
}

async function* one(draft: Draft): AsyncGenerator<readonly InputDraft[], void, undefined> {
  yield [{ line: 1, draft }]
}

interface Counts {
  stored: number
  refused: number
  /** Left out by a pause. */
  paused: number
}

interface Destination {
  readonly recorder: Recorder
  readonly receipts: ReceiptWriter
}

async function record(
  context: Context,
  destination: Destination,
  input: AsyncIterable<readonly InputDraft[]>,
  counts: Counts,
): Promise<void> {
  const progress = context.output.progress('emit', 'events')
  for await (const batch of input) {
    await recordBatch(context, destination, batch, counts)
    progress.update(counts.stored + counts.refused + counts.paused)
  }
  progress.end()
  await destination.receipts.end()
}

async function recordBatch(
  { output }: Context,
  { recorder, receipts }: Destination,
  batch: readonly InputDraft[],
  counts: Counts,
): Promise<void> {
  const drafts = batch.flatMap(one => ('draft' in one ? [one.draft] : []))
  const answers = drafts.length === 0 ? [] : await recorder.recordAll(drafts)
  let next = 0
  let broken: { readonly line: number; readonly error: Error } | undefined
  for (const one of batch) {
    const answer: Recorded | Refused | undefined = 'draft' in one ? answers[next++] : undefined
    if (answer !== undefined && 'error' in answer && isOnTheWay(answer.error)) {
      broken ??= { line: one.line, error: answer.error }
      continue
    }
    if (answer !== undefined && 'paused' in answer) {
      counts.paused++
      continue
    }
    if (answer !== undefined && !('error' in answer)) {
      counts.stored++
      await receipts.write(answer)
      continue
    }
    counts.refused++
    output.complain(visible(`line ${one.line}: ${answer === undefined ? reasonOf(one) : refusalOf(answer)}`))
  }
  await output.flush()
  if (broken === undefined) return
  // Nothing is wrong with the rest: the server is not there.
  output.complain(`${grouped(counts.stored)} recorded; the first without an answer is line ${broken.line}`)
  throw broken.error
}

function reasonOf(one: InputDraft): string {
  return 'reason' in one ? one.reason : 'the log gave no answer'
}

/** Path, what is wrong, and the rule's code. */
function refusalOf({ error }: Refused): string {
  const place = error.path === undefined || error.message.includes(error.path) ? '' : `${error.path}: `
  return `${place}${error.message} (${error.code})${error.hint === undefined ? '' : `; ${error.hint}`}`
}
