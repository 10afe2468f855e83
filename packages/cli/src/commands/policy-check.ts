import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { issueLine, readPolicy } from '../input/read-policy.ts'
import { visible } from '../output/escape.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { jsonLine } from '../output/write-json.ts'

const COLUMNS: readonly RecordColumn[] = [
  { name: 'rule' },
  { name: 'capture' },
  { name: 'phases' },
  { name: 'await' },
  { name: 'onUnavailable' },
  { name: 'withinMs', align: 'right' },
]

/** `annals policy check`: finds every mistake of a policy file, or shows what its rules do. */
export function configureCheck(command: Command, host: Host): void {
  command
    .description('Find the mistakes in a policy, with line and column; without any, show what its rules do.')
    .argument('<file>', 'the policy, YAML or JSON')
  command.action(async (file: string) => host.run(command, async context => check(context, file)))
}

async function check(context: Context, file: string): Promise<ExitCode> {
  const { output, globals } = context
  const read = await readPolicy(file)
  if ('policy' in read) {
    const writer = createRecordWriter({ ...context, columns: COLUMNS })
    for (const decision of read.policy.decisions) await writer.write({ ...decision })
    await writer.end()
    return endOf(context)
  }
  const line = issueLine(file)
  await output.data(
    globals.format === 'json'
      ? `${jsonLine({ issues: read.issues })}\n`
      : read.issues.map(issue => `${visible(line(issue))}\n`).join(''),
  )
  await output.flush()
  return endOf(context, 1)
}
