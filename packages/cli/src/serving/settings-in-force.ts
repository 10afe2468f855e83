import { type LoadedSettings, traceSettings } from '@annals/server/settings'
import type { Context } from '../context.ts'
import { UsageFailure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { type SettingFlags, settingTexts } from './setting-flags.ts'

/**
 * The settings of a server from flags, environment and file. The directory has names of its own: --dir and ANNALS_DIR name the
 * log of every command.
 *
 * @throws UsageFailure for a setting that is none, or has a wrong value; AnnalsError without the file
 */
export async function settingsInForce(
  { globals, env }: Pick<Context, 'globals' | 'env'>,
  flags: SettingFlags,
): Promise<LoadedSettings> {
  const { dir, dirFrom } = globals
  try {
    return await traceSettings({
      flags: { ...settingTexts(flags), ...(dirFrom === 'flag' ? { dir } : {}) },
      env: { ...(dirFrom === 'environment' ? { ANNALS_SERVER_DIR: dir } : {}), ...env },
      file: flags.config,
      standardDir: dir,
    })
  } catch (error) {
    if (!isCoded(error) || error.code !== 'ANNALS_INVALID') throw error
    throw new UsageFailure(error.message, {
      why: 'the server does not start with it',
      hint: error.hint || '"annals config show" lists every setting.',
    })
  }
}
