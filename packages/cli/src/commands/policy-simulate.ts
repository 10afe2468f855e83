import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import { withReader } from '../directory/open-reader.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import { addServerFlags } from '../flags/server-flags.ts'
import type { Host } from '../host.ts'
import { readGoodPolicy } from '../input/read-policy.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'

const COLUMNS: readonly RecordColumn[] = [
  { name: 'rule' },
  { name: 'capture' },
  { name: 'kept', align: 'right' },
  { name: 'reduced', align: 'right' },
  { name: 'dropped', align: 'right' },
  { name: 'masked', align: 'right' },
]

/** `annals policy simulate`: what a policy would have made of the events that were recorded. */
export function configureSimulate(command: Command, host: Host): void {
  addServerFlags(command)
    .description(
      'Count, by rule, which recorded events a policy would have kept, reduced, dropped and masked.',
    )
    .argument('<file>', 'the policy, YAML or JSON')
  command.addHelpText(
    'after',
    '\nThe request of an event is read from its tags http.request.method, http.route, rpc.service and rpc.method.',
  )
  command.action(async (file: string) => host.run(command, async context => simulate(context, file)))
}

async function simulate(context: Context, file: string): Promise<ExitCode> {
  const policy = await readGoodPolicy(file)
  const { Simulation } = await import('annals/policy')
  const simulation = new Simulation(policy)
  await withReader(context, async reader => {
    for await (const event of reader.events('', { signal: context.signal })) simulation.add(event)
  })
  const writer = createRecordWriter({ ...context, columns: COLUMNS })
  for (const row of simulation.rows) await writer.write({ ...row })
  await writer.end()
  return endOf(context)
}
