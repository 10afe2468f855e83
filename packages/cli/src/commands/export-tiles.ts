import type { Command } from 'commander'
import { type Context, endOf, unlessInterrupted } from '../context.ts'
import { withDirectory } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { grouped } from '../output/progress.ts'

/** `annals export-tiles`: the log as static files that any tile client can check. */
export function configure(command: Command, host: Host): void {
  command.argument('<out>', 'directory to write: checkpoint, vkey, tile/, tile/entries/')
  command.addHelpText(
    'after',
    '\nEntries hold no personal data. The directory can be served as it is (C2SP tlog-tiles).',
  )
  command.action(async (out: string) => host.run(command, async context => exportTo(context, out)))
}

async function exportTo(context: Context, out: string): Promise<ExitCode> {
  const { output } = context
  // Opened for its errors: a missing log is told as everywhere else.
  const dir = await withDirectory(context, async (_, place) => place)
  const { exportTiles } = await import('annals')
  const progress = output.progress('export', 'entries')
  const exporting = exportTiles({
    dir,
    out,
    onProgress: (done, total) => progress.update(done, total),
  })
  const { size, missing } = await unlessInterrupted(context, exporting)
  progress.end()
  const lost = missing.reduce((sum, [from, to]) => sum + to - from, 0)
  output.note(`Wrote ${grouped(size - lost)} entries to ${out}.`)
  if (lost > 0) output.note(missingNote(lost, missing))
  return endOf(context)
}

/** Ranges named at most; the rest is counted. */
const NAMED = 5

function missingNote(lost: number, missing: readonly (readonly [from: number, to: number])[]): string {
  const named = missing.slice(0, NAMED).map(([from, to]) => `${from} to ${to - 1}`)
  const more = missing.length > NAMED ? `, and ${missing.length - NAMED} more ranges` : ''
  return (
    `No bundles for ${grouped(lost)} positions (${named.join(', ')}${more}): of entries in them nothing but the leaf hash is left, ` +
    'past their retention or dropped after archiving. The tiles are complete; restore the archive to read the entries.'
  )
}
