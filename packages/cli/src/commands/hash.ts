import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { inLog } from '../directory/no-log.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { UsageFailure } from '../failure/failure.ts'
import type { Host } from '../host.ts'
import { openInput } from '../input/open-input.ts'
import { directoryOf } from '../remote/place.ts'

interface HashFlags {
  readonly period?: string
}

/** `annals hash`: the look-up of a value that was masked by its keyed hash. */
export function configure(command: Command, host: Host): void {
  command
    .description('Print what stands in the events of a log where a value was masked by its keyed hash.')
    .argument('<value>', 'the value; - reads it from standard input, so that no history keeps it')
    .option('--period <period>', 'period of the key, such as 2026-05, where the policy has hashPeriod')
  command.addHelpText(
    'after',
    '\nFind the events: annals list \'"hmac:…"\' in tags and names, or ip="hmac:…" for addresses.',
  )
  command.action(async (value: string, flags: HashFlags) =>
    host.run(command, async context => hash(context, value, flags)),
  )
}

async function hash(context: Context, given: string, { period }: HashFlags): Promise<ExitCode> {
  if (period !== undefined && !/^\d{4}(?:-\d\d){0,2}$/.test(period))
    throw new UsageFailure(`--period: "${period}" is none`, {
      hint: 'Write a year, month or day, such as 2026-05.',
    })
  const dir = await directoryOf(context)
  const value = given === '-' ? await readLine(context) : given
  const { hashLookup } = await import('annals')
  const found = await inLog(dir, () => hashLookup({ dir, value, period }))
  await context.output.data(`${found}\n`)
  await context.output.flush()
  return endOf(context)
}

/** All of standard input but the end of its line. */
async function readLine(context: Context): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of await openInput('-', context)) chunks.push(chunk)
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
