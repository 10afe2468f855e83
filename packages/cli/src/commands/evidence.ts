import { existsSync, readdirSync } from 'node:fs'
import type { Command } from 'commander'
import { type Context, endOf, isInterrupted } from '../context.ts'
import { inLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure, UsageFailure } from '../failure/failure.ts'
import { askedOf } from '../flags/asked.ts'
import { discloseOf } from '../flags/disclose.ts'
import { addQueryFlags, type QueryFlags } from '../flags/query-flags.ts'
import type { Host } from '../host.ts'
import { grouped } from '../output/progress.ts'
import { jsonLine } from '../output/write-json.ts'
import { directoryOf } from '../remote/place.ts'

interface EvidenceFlags extends QueryFlags {
  readonly out?: string
  readonly disclose?: string
  readonly complete?: true
}

/** `annals evidence`: events with everything that proves them, for somebody who has nothing but a key. */
export function configure(command: Command, host: Host): void {
  addQueryFlags(command)
  command
    .optionsGroup('Options:')
    .option('--out <dir>', 'directory to write: new or empty')
    .option(
      '--disclose <parts>',
      'content that goes with the events: all, none or names such as who,what',
      'all',
    )
    .option(
      '--complete',
      'also the header of every other entry of the range, so that none can be left out unseen',
    )
  command.addHelpText(
    'after',
    [
      '',
      'The bundle is checked with "annals verify DIR --policy FILE", without the log and without network. Terms such as',
      'recorded:2026-07..2026-09 narrow its range. With --complete, queries about action, outcome, phase, retention and',
      'time of recording prove that nothing was left out; of others, that no entry is hidden.',
    ].join('\n'),
  )
  command.action(async (terms: string[], flags: EvidenceFlags) =>
    host.run(command, async context => evidence(context, terms, flags)),
  )
}

async function evidence(context: Context, terms: readonly string[], flags: EvidenceFlags): Promise<ExitCode> {
  const { output, globals, signal } = context
  const out = outOf(flags)
  const disclose = discloseOf(flags.disclose ?? 'all')
  const asked = await askedOf(context, terms, flags)
  const dir = await directoryOf(context)
  const { exportEvidence } = await import('annals')
  const progress = output.progress('evidence', 'positions')
  const exporting = inLog(dir, () =>
    exportEvidence({
      dir,
      out,
      query: asked.text,
      includeLog: asked.includeLog,
      timeZone: asked.timeZone,
      disclose,
      complete: flags.complete === true,
      signal,
      onProgress: (done, total) => progress.update(done, total),
    }),
  )
  const { count, size, range, gaps } = await exporting.catch((error: unknown) => {
    throw isInterrupted(context) ? interrupted(out) : error
  })
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine({ out, count, size, range, gaps })}\n`)
  } else {
    output.note(
      `Wrote ${grouped(count)} ${count === 1 ? 'event' : 'events'} to ${out}, proved by the checkpoint over ${grouped(size)} entries.`,
    )
  }
  const missing = gaps.counters?.length ?? 0
  if (missing > 0)
    output.complain(
      `warning: ${missing} gaps in the counters of sources; the bundle names them, and its check exits 6`,
    )
  await output.flush()
  return endOf(context)
}

function outOf({ out }: EvidenceFlags): string {
  if (out === undefined || out === '')
    throw new UsageFailure('--out is missing', {
      why: 'a bundle is a directory of its own',
      hint: 'Name a new directory with --out.',
    })
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new UsageFailure(`--out: ${out} is not empty`, {
      why: 'a bundle is never mixed with other files',
      hint: 'Name a directory that is new or empty.',
    })
  return out
}

function interrupted(out: string): Failure {
  return new Failure('interrupted', {
    exit: 130,
    code: 'INTERRUPTED',
    why: `${out} has no manifest yet, so nobody takes it for a bundle`,
    hint: `Remove ${out} and run it again.`,
  })
}
