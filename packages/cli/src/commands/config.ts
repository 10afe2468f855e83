import { SETTINGS, showSettings } from '@annals/server/settings'
import type { Command } from 'commander'
import { type Context, endOf } from '../context.ts'
import type { ExitCode } from '../failure/exit-codes.ts'
import type { Host } from '../host.ts'
import { valueAt } from '../output/field-path.ts'
import { createRecordWriter, type RecordColumn } from '../output/record-writer.ts'
import { addSettingFlags, type SettingFlags } from '../serving/setting-flags.ts'
import { settingsInForce } from '../serving/settings-in-force.ts'
import { asGroup } from './group.ts'

const COLUMNS: readonly RecordColumn[] = [
  { name: 'setting' },
  { name: 'value' },
  { name: 'from' },
  { name: 'variable' },
]

/** `annals config`: the settings of a server. */
export function configure(command: Command, host: Host): void {
  const show = asGroup(command)
    .command('show')
    .description('Show the settings that "annals serve" would start with, and where each comes from.')
  addSettingFlags(show)
  show.addHelpText('after', '\nSecrets are hidden. A setting that has no value is off.')
  show.action(async (flags: SettingFlags) => host.run(show, async context => showAll(context, flags)))
}

async function showAll(context: Context, flags: SettingFlags): Promise<ExitCode> {
  const { settings, sources } = await settingsInForce(context, flags)
  const shown = showSettings(settings)
  const writer = createRecordWriter({ ...context, columns: COLUMNS })
  for (const { path, variable } of SETTINGS)
    await writer.write({
      setting: path,
      value: valueAt(shown, path),
      from: sources.get(path) ?? 'default',
      variable,
    })
  await writer.end()
  return endOf(context)
}
