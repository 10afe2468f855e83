import { SETTINGS, type Setting } from '@annals/server/settings'
import type { Command } from 'commander'

/** Texts of setting flags as commander hands them over. */
export type SettingFlags = Readonly<Record<string, string | undefined>> & {
  /** File of settings. */
  readonly config?: string | undefined
}

/** Every setting but the directory, which is a flag of all commands. */
const FLAGS: readonly Setting[] = SETTINGS.filter(({ path }) => path !== 'dir')

/** Declares a flag for each setting of the server. */
export function addSettingFlags(command: Command): Command {
  command
    .optionsGroup('Settings (flag over ANNALS_SERVER_… over the file):')
    .option('--config <file>', 'JSON file with settings (env ANNALS_SERVER_CONFIG)')
  for (const setting of FLAGS) command.option(`${setting.flag} <${wordOf(setting)}>`, textOf(setting))
  return command.optionsGroup('Options:')
}

/** What was given, by the place of the setting: `limits.body`. */
export function settingTexts(flags: SettingFlags): Readonly<Record<string, string>> {
  return Object.fromEntries(
    FLAGS.flatMap(({ path, flag }) => {
      const text = flags[attributeOf(flag)]
      return text === undefined ? [] : [[path, text]]
    }),
  )
}

/** As commander names the value of a flag: `--limits-body` is `limitsBody`. */
function attributeOf(flag: string): string {
  return flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** Longest list of words that stands beside the flag; others are part of the text. */
const LONGEST = 20

function wordOf({ kind, choice }: Setting): string {
  if (choice !== undefined) return choice.join('|').length > LONGEST ? 'word' : choice.join('|')
  return { text: 'text', number: 'n', switch: 'true|false', list: 'a,b', json: 'json' }[kind]
}

function textOf({ description, standard, choice = [] }: Setting): string {
  // Not of names such as PEM and S3.
  const start = description.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, letter => letter.toLowerCase())
  const all = choice.join('|')
  const text = all.length > LONGEST ? `${start}: ${all}` : start
  return standard === undefined || standard === '[]' ? text : `${text} (default ${JSON.parse(standard)})`
}
