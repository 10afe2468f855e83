import { readFile } from 'node:fs/promises'
import type { CheckpointComparison } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { inLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { type TrustFlags, trustOf } from '../flags/trust.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { paint } from '../output/style.ts'
import type { Terminal } from '../output/terminal.ts'
import { jsonLine } from '../output/write-json.ts'

interface CompareFlags extends TrustFlags {
  readonly tiles?: string
}

/** `annals checkpoint compare`: whether two notes can be of one history. */
export function configureCompare(command: Command, host: Host): void {
  command
    .description('Compare two checkpoints of one log, from whoever kept them.')
    .argument('<a>', 'a checkpoint in a file')
    .argument('<b>', 'another one')
    .option('--vkey <vkey>', 'verifier key to trust')
    .option('--policy <file>', 'C2SP tlog-policy, or a file with just the verifier key to trust')
    .option('--tiles <dir>', 'tiles of the log, as "annals export-tiles" writes them, instead of --dir')
  command.addHelpText(
    'after',
    [
      '',
      'Of different sizes, they are held together by the log in --dir (or ANNALS_DIR), or by --tiles; neither is believed.',
      'Exit codes: 0 the same history, 5 they contradict each other, 6 not proved for want of the log.',
    ].join('\n'),
  )
  command.action(async (a: string, b: string, flags: CompareFlags & { readonly dir?: string }) => {
    const isGiven = command.optsWithGlobals<{ readonly dir?: string }>().dir !== undefined
    await host.run(command, async context => compare(context, a, b, flags, isGiven))
  })
}

async function compare(
  context: Context,
  a: string,
  b: string,
  flags: CompareFlags,
  isGiven: boolean,
): Promise<ExitCode> {
  const { output, globals, env } = context
  const where = flags.tiles === undefined ? {} : { tiles: flags.tiles }
  // The default directory may be any log: it counts only when somebody named it.
  const dir =
    flags.tiles === undefined && (isGiven || env['ANNALS_DIR'] !== undefined) ? globals.dir : undefined
  const trust = await trustOf(flags)
  const [first, second] = await Promise.all([readFile(a), readFile(b)])
  const { compareCheckpoints } = await import('annals')
  const ask = async (): Promise<CheckpointComparison> =>
    await compareCheckpoints(first, second, { ...trust, ...where, dir }).catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error
      throw new UsageFailure('cannot read the key or policy', {
        why: error.message,
        hint: 'Check --vkey and --policy.',
      })
    })
  const comparison = dir === undefined ? await ask() : await inLog(dir, ask)
  const isJson = globals.format === 'json' || globals.format === 'ndjson'
  await output.data(isJson ? `${jsonLine(comparison)}\n` : comparisonText(comparison, output.out))
  await output.flush()
  return endOf(context, exitOf(comparison))
}

function exitOf({ ok, relation }: CheckpointComparison): ExitCode {
  if (!ok) return 5
  return relation === 'unknown' ? 6 : 0
}

const VERDICTS: Readonly<Record<CheckpointComparison['relation'], string>> = {
  same: 'SAME',
  extends: 'CONSISTENT',
  contradict: 'CONTRADICTION',
  unknown: 'UNPROVED',
}

function comparisonText({ ok, relation, findings, claim }: CheckpointComparison, terminal: Terminal): string {
  const lines = findings.map(({ code, message }) => {
    const tone = code.startsWith('E_') ? 'bad' : 'warn'
    return `  ${paint(terminal, tone, code)}: ${visible(message)}`
  })
  const verdict = ok ? VERDICTS[relation] : relation === 'contradict' ? VERDICTS.contradict : 'FAILED'
  lines.push(
    paint(terminal, ok ? (relation === 'unknown' ? 'warn' : 'good') : 'bad', verdict),
    `  ${visible(claim)}`,
  )
  return `${lines.join('\n')}\n`
}
