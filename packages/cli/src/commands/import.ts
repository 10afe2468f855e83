import type { ImportCounts } from 'annals/importers'
import type { Command } from 'commander'
import { type Context, endOf, isInterrupted } from '../context.ts'
import { withRecorder } from '../directory/open-recorder.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { interruptible } from '../input/interruptible.ts'
import { openInput } from '../input/open-input.ts'
import { visible } from '../output/escape.ts'
import { grouped } from '../output/progress.ts'
import { jsonLine } from '../output/write-json.ts'

/** `annals import`: records what another system logged, once. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
    .argument('<format>', 'what the file holds: cloudtrail, github, kubernetes, okta, ndjson, …')
    .argument('[file]', 'file, plain or gzip; "-" or nothing reads standard input')
  command.addHelpText(
    'after',
    `
The same import can be run again and records nothing twice: what is there already counts as duplicate. A record is known by
the id that its system gave it, one of GitHub without id by its content, a draft without id and source by its line number and
content. So equal lines of ndjson are separate events, and after lines were put in or taken out those below are new.
A record that is not understood is told on stderr with its line and why; all others arrive.
Exit codes: 0 everything is in the log, 6 some records were rejected.`,
  )
  command.action(async (format: string, file: string | undefined) =>
    host.run(command, async context => importFile(context, format, file ?? '-')),
  )
}

const DAMAGED =
  'Get a whole copy of it and run the same import again: what is recorded already counts as duplicate.'

async function importFile(context: Context, format: string, file: string): Promise<ExitCode> {
  const { IMPORTERS, importRecords } = await import('annals/importers')
  const entry = IMPORTERS.find(one => one.name === format)
  if (entry === undefined) {
    throw new UsageFailure(`unknown format "${format}"`, {
      choice: { given: format, known: IMPORTERS.map(one => one.name) },
      why: 'there is no importer of that name',
    })
  }
  const [importer, bytes] = await Promise.all([entry.load(), openInput(file, context, DAMAGED)])
  const progress = context.output.progress(`import ${format}`, 'records')
  let counts: ImportCounts = { read: 0, recorded: 0, duplicates: 0, rejected: 0 }
  await withRecorder(context, async recorder => {
    try {
      counts = await importRecords(recorder, importer, interruptible(bytes, context), {
        onProgress: soFar => {
          counts = soFar
          progress.update(soFar.read)
        },
        onReject: ({ line, reason }) => context.output.complain(visible(`line ${line}: ${reason}`)),
      })
    } catch (error) {
      // What was stored stays, and is told before the failure is.
      progress.end()
      await show(context, counts)
      throw error
    }
  })
  progress.end()
  await show(context, counts)
  if (isInterrupted(context))
    context.output.complain('interrupted; run the same import again: what is recorded counts as duplicate')
  return endOf(context, counts.rejected > 0 ? 6 : 0)
}

async function show(
  { output, globals }: Context,
  { read, recorded, duplicates, rejected }: ImportCounts,
): Promise<void> {
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine({ read, recorded, duplicates, rejected })}\n`)
    await output.flush()
    return
  }
  output.note(
    `${grouped(read)} read, ${grouped(recorded)} recorded, ${grouped(duplicates)} duplicates, ${grouped(rejected)} rejected`,
  )
}
