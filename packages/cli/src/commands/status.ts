import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { grouped } from '../output/progress.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { jsonLine } from '../output/write-json.ts'
import { askServer } from '../remote/ask-server.ts'
import { serverOf } from '../remote/place.ts'

/** What is read of `GET /v1/status`. */
interface Report {
  readonly status: string
  readonly stages: Readonly<Record<string, { readonly health: string; readonly reason?: string }>>
  readonly version: string
  readonly log: {
    readonly size: number
    readonly waiting: number
    readonly watermark: number
    readonly gaps: number
    readonly checkpoint?: { readonly size: number }
  }
  readonly indexLag: number
  readonly streams: number
}

const COLUMNS: readonly RecordColumn[] = [{ name: 'stage' }, { name: 'health' }, { name: 'reason' }]

/** `annals status`: how the server is. */
export function configure(command: Command, host: Host): void {
  addServerFlags(command)
  command.addHelpText(
    'after',
    '\nExit codes: 0 healthy; 7 not healthy, or no answer. -o json prints the whole report.',
  )
  command.action(async () => host.run(command, status))
}

async function status(context: Context): Promise<ExitCode> {
  const { output, globals } = context
  const report = (await askServer(context, await serverOf(context), { path: '/v1/status' })) as Report
  if (globals.format === 'json' || globals.format === 'ndjson') {
    await output.data(`${jsonLine(report)}\n`)
    await output.flush()
  } else {
    const writer = createRecordWriter({ ...context, columns: COLUMNS })
    for (const [stage, { health, reason }] of Object.entries(report.stages))
      await writer.write({ stage, health, reason })
    await writer.end()
    output.note(summaryOf(report))
  }
  return endOf(context, report.status === 'healthy' ? 0 : 7)
}

function summaryOf({ status: health, version, log, indexLag, streams }: Report): string {
  return [
    `${health}, version ${version}`,
    `${grouped(log.size)} entries, signed up to ${grouped(log.checkpoint?.size ?? 0)}`,
    `complete up to position ${grouped(log.watermark)} (${grouped(indexLag)} not searchable yet)`,
    `${grouped(log.waiting)} waiting`,
    `${grouped(log.gaps)} gaps`,
    `${grouped(streams)} streams`,
  ].join('; ')
}
