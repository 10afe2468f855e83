import { readFile } from 'node:fs/promises'
import type { VerifyReport } from 'annals'
import type { Command } from 'commander'
import { type Context, unlessInterrupted } from '../context.ts'
import { inLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { type TrustFlags, trustOf } from '../flags/trust.ts'
import type { Host } from '../host.ts'
import { reportText } from '../output/report-text.ts'
import { jsonLine } from '../output/write-json.ts'

interface VerifyFlags extends TrustFlags {
  readonly against?: string
  readonly entriesOnly?: true
  readonly deep?: true
  readonly strict?: true
}

/** `annals verify`: checks everything that can be checked; never writes. */
export function configure(command: Command, host: Host): void {
  command
    .argument('[dir]', 'directory of the log, instead of --dir')
    .option('--vkey <vkey>', "verifier key to trust; default: the directory's own, which proves less")
    .option('--policy <file>', 'C2SP tlog-policy, or a file with just the verifier key to trust')
    .option('--against <file>', 'checkpoint kept from earlier: the log must extend it')
    .option('--entries-only', 'leave out the parts, which hold the content of events')
    .option('--deep', 'also the canonical form of parts, and the search index')
    .option('--strict', 'exit 6 for warnings, too')
  command.addHelpText(
    'after',
    '\nExit codes: 0 verified, 5 tampering or corruption, 6 incomplete (a gap in a source; warnings with --strict).',
  )
  command.action(async (dir: string | undefined, flags: VerifyFlags) =>
    host.run(command, async context => verify(context, dir ?? context.globals.dir, flags)),
  )
}

async function verify(context: Context, dir: string, flags: VerifyFlags): Promise<ExitCode> {
  const { output, globals } = context
  const trust = await trustOf(flags)
  const against = flags.against === undefined ? undefined : await readFile(flags.against)
  // Not through a reader: a directory too damaged to be opened is what this is for.
  const { verifyDirectory } = await import('annals')
  const progress = output.progress('verify', 'entries')
  const verifying = inLog(dir, () =>
    verifyDirectory(dir, {
      ...trust,
      against,
      entriesOnly: flags.entriesOnly,
      deep: flags.deep,
      onProgress: (done, total) => progress.update(done, total),
    }),
  )
  const report = await unlessInterrupted(context, verifying).catch((error: unknown) => {
    throw error instanceof TypeError ? unreadable(error) : error
  })
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') {
    const { ok, size, root, checked, erased, findings } = report
    await output.data(`${jsonLine({ ok, size, root, checked, erased, findings })}\n`)
  } else {
    await output.data(reportText(report, output.out))
  }
  await output.flush()
  return exitOf(report, flags.strict === true)
}

/** The verifier throws TypeError for keys, policies and checkpoints that cannot be read: here they come from the command line. */
function unreadable(error: TypeError): UsageFailure {
  return new UsageFailure('cannot read what was given to verify against', {
    why: error.message,
    hint: 'Check the files and keys of --vkey, --policy and --against.',
  })
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
