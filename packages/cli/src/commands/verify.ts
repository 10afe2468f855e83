import { readFile } from 'node:fs/promises'
import type { VerifyReport } from 'annals'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { noLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { Failure, UsageFailure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { type Trust, trustOf } from '../flags/trust.ts'
import type { Host } from '../host.ts'
import { reportText } from '../output/report-text.ts'
import { jsonLine } from '../output/write-json.ts'

interface VerifyFlags {
  readonly vkey?: string
  readonly policy?: string
  readonly against?: string
  readonly entriesOnly?: true
  readonly deep?: true
  readonly strict?: true
}

/** `annals verify`: checks everything that can be checked; never writes. */
export function configure(command: Command, host: Host): void {
  command
    .option('--vkey <vkey>', "verifier key to trust; default: the directory's own, which proves less")
    .option('--policy <file>', 'file with a line that holds the verifier key to trust')
    .option('--against <file>', 'checkpoint kept from earlier: the log must extend it')
    .option('--entries-only', 'leave out the parts, which hold the content of events')
    .option('--deep', 'also the canonical form of parts, and the search index')
    .option('--strict', 'exit 6 for warnings, too')
  command.addHelpText(
    'after',
    '\nExit codes: 0 verified, 5 tampering or corruption, 6 incomplete (a gap in a source; warnings with --strict).',
  )
  command.action(async (flags: VerifyFlags) => host.run(command, async context => verify(context, flags)))
}

async function verify(context: Context, flags: VerifyFlags): Promise<ExitCode> {
  const { output, globals } = context
  const vkey = flags.vkey ?? (flags.policy === undefined ? undefined : await vkeyOf(flags.policy))
  const against = flags.against === undefined ? undefined : await readFile(flags.against)
  const progress = output.progress('verify', 'entries')
  const report = await withReader(context, reader =>
    reader.verify({
      vkey,
      against,
      entriesOnly: flags.entriesOnly,
      deep: flags.deep,
      onProgress: (done, total) => progress.update(done, total),
    }),
  )
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') {
    const { ok, size, root, checked, erased, findings } = report
    await output.data(`${jsonLine({ ok, size, root, checked, erased, findings })}\n`)
  } else {
    await output.data(reportText(report, output.out))
  }
  await output.flush()
  return exitOf(report, flags.strict === true) || endOf(context)
}

/**
 * Exit code of a report: tampering and corruption before what is merely missing.
 *
 * @example
 * ```ts
 * exitOf({ ...report, findings: [{ code: 'E_SOURCE_GAP', message: '…' }] }, false) // 6
 * ```
 */
export function exitOf({ ok, findings }: Pick<VerifyReport, 'ok' | 'findings'>, strict: boolean): ExitCode {
  const errors = findings.filter(finding => finding.code.startsWith('E_'))
  if (errors.some(finding => finding.code !== 'E_SOURCE_GAP') || (!ok && errors.length === 0)) return 5
  return errors.length > 0 || (strict && findings.length > 0) ? 6 : 0
}
