import { readFile } from 'node:fs/promises'
import type { VerifyReport } from 'annals'
import type { Command } from 'commander'
import { type Context, unlessInterrupted } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { countOf } from '../flags/limit.ts'
import { type TrustFlags, trustOf } from '../flags/trust.ts'
import type { Host } from '../host.ts'
import { visibleJson } from '../output/escape.ts'
import { reportText } from '../output/report-text.ts'
import { jsonLine } from '../output/write-json.ts'
import { directoryOf } from '../remote/place.ts'
import { kindOf } from '../verify/kinds.ts'

interface VerifyFlags extends TrustFlags {
  readonly against?: string
  readonly entriesOnly?: true
  readonly deep?: true
  readonly strict?: true
  readonly skew?: number
  readonly tsaCa?: string
}

/** `annals verify`: checks everything that can be checked; never writes. */
export function configure(command: Command, host: Host): void {
  command
    .argument('[path]', 'directory of a log, chunk or evidence bundle, or a receipt; instead of --dir')
    .option('--vkey <vkey>', "verifier key to trust; default: the directory's own, which proves less")
    .option('--policy <file>', 'C2SP tlog-policy, or a file with just the verifier key to trust')
    .option('--against <file>', 'checkpoint kept from earlier: the log must extend it')
    .option('--entries-only', 'leave out the parts, which hold the content of events')
    .option('--deep', 'also the canonical form of parts, and the search index')
    .option(
      '--skew <minutes>',
      'how far the clocks of the log and its witnesses may differ; default: 10',
      (text: string) => countOf('--skew', text),
    )
    .option(
      '--tsa-ca <file>',
      'root certificates (PEM) of time-stamping authorities: checks the time stamps of a log',
    )
    .option('--strict', 'exit 6 for warnings, too')
  command.addHelpText(
    'after',
    '\nExit codes: 0 verified, 5 tampering or corruption, 6 incomplete (a gap in a source; warnings with --strict).',
  )
  command.action(async (path: string | undefined, flags: VerifyFlags) =>
    host.run(command, async context => verify(context, path ?? (await directoryOf(context)), flags)),
  )
}

async function verify(context: Context, path: string, flags: VerifyFlags): Promise<ExitCode> {
  const { output, globals } = context
  const request = {
    path,
    trust: await trustOf(flags),
    against: flags.against === undefined ? undefined : await readFile(flags.against),
    entriesOnly: flags.entriesOnly,
    deep: flags.deep,
    skewMinutes: flags.skew,
    tsaRoots: flags.tsaCa === undefined ? undefined : await readFile(flags.tsaCa, 'utf8'),
  }
  const kind = await kindOf(path)
  const progress = output.progress('verify', 'entries')
  const verifying = kind.verify({ ...request, onProgress: (done, total) => progress.update(done, total) })
  const report = await unlessInterrupted(context, verifying).catch((error: unknown) => {
    throw error instanceof TypeError ? unreadable(error) : error
  })
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') {
    const { ok, size, root, checked, erased, expired = 0, findings, event } = report
    await output.data(
      `${jsonLine({ ok, size, root, checked, erased, expired, findings, ...(event && { event }) })}\n`,
    )
  } else {
    await output.data(reportText(report, output.out))
    if (report.event !== undefined)
      await output.data(`${visibleJson(JSON.stringify(report.event, undefined, 2))}\n`)
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

/** What is missing without being known to be altered. */
const INCOMPLETE: ReadonlySet<string> = new Set([
  'E_SOURCE_GAP',
  'E_AUTHORITY_DROPPED',
  'E_ARCHIVE_UNREADABLE',
])

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
  if (errors.some(finding => !INCOMPLETE.has(finding.code)) || (!ok && errors.length === 0)) return 5
  return errors.length > 0 || (strict && findings.length > 0) ? 6 : 0
}
