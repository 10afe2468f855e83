import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { configureDocs } from './catalog-docs.ts'
import { asGroup } from './group.ts'

const COLUMNS: readonly RecordColumn[] = [
  { name: 'action' },
  { name: 'version', align: 'right' },
  { name: 'describe' },
  { name: 'visibility' },
  { name: 'retention' },
  { name: 'retired' },
  { name: 'events', align: 'right' },
]

/** `annals catalog`: the event types of a log. */
export function configure(command: Command, host: Host): void {
  const group = asGroup(command)
  configureDocs(group, host)
  const types = group
    .command('list')
    .alias('ls')
    .description('List the event types that the log knows or has recorded.')
  addServerFlags(types)
  types.action(async () => host.run(types, list))
}

async function list(context: Context): Promise<ExitCode> {
  const entries = await withReader(context, reader => reader.catalog())
  const writer = createRecordWriter({ ...context, columns: COLUMNS })
  for (const entry of entries)
    await writer.write({
      ...entry,
      retired: entry.retired === undefined ? undefined : 'retired',
    })
  await writer.end()
  return endOf(context)
}
