import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { ArchiveRequest, ArchiveRun } from 'annals/lifecycle'
import { parseDuration } from 'annals/query'
import type { Command } from 'commander'
import { type Context, endOf, unlessInterrupted } from '../context.ts'
import { performAct } from '../directory/perform-act.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import { failureFrom } from '../failure/from-error.ts'
import { type ArchiveFlags, archivePlaceOf } from '../flags/archive-place.ts'
import { countOf } from '../flags/limit.ts'
import { type TrustFlags, trustOf } from '../flags/trust.ts'
import type { Host } from '../host.ts'
import { visible } from '../output/escape.ts'
import { grouped } from '../output/progress.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { reportText } from '../output/report-text.ts'
import { jsonLine } from '../output/write-json.ts'
import { complainOf } from './chunk.ts'
import { asGroup } from './group.ts'
import { exitOf } from './verify.ts'

interface RunFlags extends ArchiveFlags {
  readonly to: string
  readonly dropAfter?: string
  readonly chunk?: number
  readonly watch?: true
  readonly every?: string
}

interface VerifyFlags extends ArchiveFlags, TrustFlags {
  readonly against?: string
  readonly keys?: string
  readonly entriesOnly?: true
  readonly strict?: true
}

interface RestoreFlags extends ArchiveFlags {
  readonly from: string
  readonly out: string
  readonly chunk?: number
}

const EVERY = '1h'
const PLACE_HELP = `
PLACE is dir:PATH or s3://BUCKET/PREFIX. S3 needs the package @aws-sdk/client-s3 and a bucket with Object Lock; credentials come from where
the AWS SDK looks for them (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role), and the server from --endpoint or
AWS_ENDPOINT_URL_S3.`

/** `annals archive`: write-once copies of sealed chunks. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  configureRun(group, host)
  const list = placed(
    group.command('list').alias('ls'),
    'List the archived chunks, as their manifests have them.',
  ).argument('<place>', 'dir:PATH or s3://BUCKET/PREFIX')
  list.action(async (place: string, flags: ArchiveFlags) =>
    host.run(list, async context => listChunks(context, place, flags)),
  )
  configureVerify(group, host)
  const restore = placed(
    group.command('restore'),
    'Restore archived chunks into a new directory, to be read and verified.',
  )
    .requiredOption('--from <place>', 'dir:PATH or s3://BUCKET/PREFIX')
    .requiredOption('--out <dir>', 'directory to make')
    .option('--chunk <position>', 'only the chunk that begins there', text => countOf('--chunk', text))
  restore.addHelpText(
    'after',
    '\nThe log of --dir has the keys that open the archive. What was erased, before the archiving or since, stays erased.',
  )
  restore.action(async (flags: RestoreFlags) =>
    host.run(restore, async context => restoreInto(context, flags)),
  )
}

function configureRun(group: Command, host: Host): void {
  const run = placed(group.command('run'), 'Archive every chunk that has ended and is not archived yet.')
    .requiredOption('--to <place>', 'dir:PATH or s3://BUCKET/PREFIX')
    .option('--mode <mode>', 'how objects in S3 are locked: governance|compliance (default governance)')
    .option('--lock <lock>', 'none: take a bucket that cannot lock (default required)')
    .option(
      '--drop-after <time>',
      'remove the content of archived chunks from the log once they are so old, such as 30d',
    )
    .option('--chunk <position>', 'only the chunk that begins there', text => countOf('--chunk', text))
    .option('--watch', 'go on until interrupted')
    .option('--every <time>', `with --watch: how often (default ${EVERY})`)
  run.addHelpText(
    'after',
    `${PLACE_HELP}
A chunk is sealed, uploaded, read back, and stated in the log; only then may its content be dropped. A run that was interrupted is
gone on with by the next.`,
  )
  run.action(async (flags: RunFlags) => host.run(run, async context => runArchive(context, flags)))
}

function configureVerify(group: Command, host: Host): void {
  const verify = placed(
    group.command('verify'),
    'Verify an archive offline, with nothing but a policy or a key that you keep elsewhere.',
  )
    .argument('<place>', 'dir:PATH or s3://BUCKET/PREFIX')
    .option('--policy <file>', 'C2SP tlog-policy, or a file with just the verifier key to trust')
    .option('--vkey <vkey>', 'verifier key to trust')
    .option('--against <file>', 'checkpoint kept from earlier: the entries must lead to it')
    .option('--keys <dir>', 'directory of the log, whose keys open the parts')
    .option('--entries-only', 'leave out the parts, which hold the content of events')
    .option('--strict', 'exit 6 for warnings, too')
  verify.addHelpText(
    'after',
    '\nExit codes: 0 verified, 5 tampering or corruption, 6 incomplete (an object that is absent or cannot be read, a gap in a source).',
  )
  verify.action(async (place: string, flags: VerifyFlags) =>
    host.run(verify, async context => verifyPlace(context, place, flags)),
  )
}

/** What every command on an archive takes. */
function placed(command: Command, description: string): Command {
  return command
    .description(description)
    .option('--prefix <prefix>', 'in front of all names')
    .option('--endpoint <url>', 'S3 server other than AWS')
    .option('--region <region>', 'region of the bucket')
}

async function runArchive(context: Context, flags: RunFlags): Promise<ExitCode> {
  const place = archivePlaceOf('--to', flags.to, flags, context.env)
  const dropAfter = flags.dropAfter === undefined ? undefined : secondsOf('--drop-after', flags.dropAfter)
  if (flags.every !== undefined && flags.watch !== true)
    throw new UsageFailure('--every without --watch', { hint: 'Add --watch, or leave --every out.' })
  const pause = secondsOf('--every', flags.every ?? EVERY) * 1000
  const request: ArchiveRequest = {
    ...place,
    ...(dropAfter === undefined ? {} : { dropAfter }),
    ...(flags.chunk === undefined ? {} : { only: flags.chunk }),
  }
  if (flags.watch !== true) return endOf(context, await runOnce(context, request))
  while (!context.signal.aborted) {
    try {
      await runOnce(context, request)
    } catch (error) {
      // A place that cannot be reached now may be there the next time; nothing was removed.
      if (context.signal.aborted) break
      const { message, hint } = failureFrom(error)
      context.output.complain(visible(`warning: ${message}${hint === undefined ? '' : ` ${hint}`}`))
    }
    await delay(pause, undefined, { signal: context.signal }).catch(() => {})
  }
  return endOf(context)
}

const ARCHIVED: readonly RecordColumn[] = [
  { name: 'period' },
  { name: 'chunk', align: 'right' },
  { name: 'entries', align: 'right' },
  { name: 'bytes', align: 'right' },
  { name: 'path' },
]

async function runOnce(context: Context, request: ArchiveRequest): Promise<ExitCode> {
  const { archive } = await import('annals/lifecycle')
  const run = await performAct(context, archive, request, { task: 'archive', unit: 'chunks' })
  const { output, globals } = context
  if (globals.format === 'json') await output.data(`${jsonLine(run)}\n`)
  else {
    const writer = createRecordWriter({ ...context, columns: ARCHIVED })
    for (const one of run.archived) await writer.write({ ...one })
    await writer.end()
  }
  tell(context, run)
  return complainOf(context, run.failed)
}

function tell({ output }: Context, { archive: where, archived, dropped, held, renewed }: ArchiveRun): void {
  if (output.err.isTTY && archived.length === 0) output.note(visible(`nothing new to archive in ${where}`))
  if (dropped.length > 0)
    output.note(`the content of ${grouped(dropped.length)} archived chunks was removed from the log`)
  if (renewed.length > 0) output.note(`the locks of ${grouped(renewed.length)} chunks were lengthened`)
  for (const { chunk, entries } of held)
    output.complain(
      `note: a hold keeps ${grouped(entries)} entries of the chunk at position ${chunk}; it stays in the log`,
    )
}

const LISTED: readonly RecordColumn[] = [
  { name: 'period' },
  { name: 'chunk', align: 'right' },
  { name: 'entries', align: 'right' },
  { name: 'bytes', align: 'right' },
  { name: 'lockedUntil' },
  { name: 'path' },
]

async function listChunks(context: Context, place: string, flags: ArchiveFlags): Promise<ExitCode> {
  const { listArchive } = await import('annals')
  const listed = await listArchive(archivePlaceOf('place', place, flags, context.env))
  const writer = createRecordWriter({ ...context, columns: LISTED })
  for (const { lo, hi, ...one } of listed) await writer.write({ ...one, chunk: lo, entries: hi - lo })
  await writer.end()
  return endOf(context)
}

async function verifyPlace(context: Context, place: string, flags: VerifyFlags): Promise<ExitCode> {
  const { output, globals, env } = context
  const trust = await trustOf(flags)
  if (trust.vkey === undefined && trust.policyText === undefined) {
    throw new UsageFailure('archive verify: whom to trust?', {
      why: 'an archive cannot say that itself',
      hint: 'Give --policy FILE or --vkey KEY, which you keep elsewhere.',
    })
  }
  const { verifyArchive } = await import('annals')
  const against = flags.against === undefined ? undefined : await readFile(flags.against)
  const progress = output.progress('verify', 'entries')
  const verifying = verifyArchive({
    ...archivePlaceOf('place', place, flags, env),
    ...trust,
    against,
    keys: flags.keys,
    entriesOnly: flags.entriesOnly,
    onProgress: (done, total) => progress.update(done, total),
  })
  const report = await unlessInterrupted(context, verifying).catch((error: unknown) => {
    throw error instanceof TypeError ? unreadable(error) : error
  })
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') {
    const { ok, size, root, checked, erased, expired = 0, findings, chunks } = report
    await output.data(`${jsonLine({ ok, size, root, checked, erased, expired, findings, chunks })}\n`)
  } else await output.data(reportText(report, output.out))
  await output.flush()
  return exitOf(report, flags.strict === true)
}

async function restoreInto(context: Context, flags: RestoreFlags): Promise<ExitCode> {
  const { output, globals, env } = context
  const { restoreArchive } = await import('annals')
  const progress = output.progress('restore', 'entries')
  const restoring = restoreArchive({
    ...archivePlaceOf('--from', flags.from, flags, env),
    out: flags.out,
    keys: globals.dir,
    only: flags.chunk,
    onProgress: (done, total) => progress.update(done, total),
  })
  const restored = await unlessInterrupted(context, restoring)
  progress.end()
  if (globals.format === 'json' || globals.format === 'ndjson') await output.data(`${jsonLine(restored)}\n`)
  const { chunks, entries, lost, thinned } = restored
  const gone = [
    lost === 0 ? '' : `${grouped(lost)} parts stay erased`,
    thinned === 0 ? '' : `${grouped(thinned)} entries are past their retention`,
  ].filter(text => text !== '')
  output.note(
    `restored ${grouped(entries)} entries of ${grouped(chunks)} chunks into ${visible(flags.out)}${gone.length === 0 ? '' : `; ${gone.join(', ')}`}`,
  )
  return endOf(context)
}

function secondsOf(flag: string, text: string): number {
  const length = parseDuration(text)
  if (length !== undefined && length >= 1000) return Math.floor(length / 1000)
  if (text === '0' || length === 0) return 0
  throw new UsageFailure(`${flag}: "${text}" is no time`, {
    hint: `Write it as ${flag} 30d (units s m h d w).`,
  })
}

function unreadable(error: TypeError): UsageFailure {
  return new UsageFailure('cannot read what was given to verify against', {
    why: error.message,
    hint: 'Check the files and keys of --vkey, --policy and --against, and --prefix.',
  })
}
