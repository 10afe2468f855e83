import { readFile } from 'node:fs/promises'
import { AnnalsError, didYouMean } from 'annals/model'
import type { z } from 'zod'
import { SETTINGS, type Setting, VARIABLE_PREFIX } from './list.ts'
import { type Settings, settingsSchema } from './settings.ts'

/** Names the file, in the environment. */
export const FILE_VARIABLE = `${VARIABLE_PREFIX}CONFIG`

/** Where settings come from: flags go before the environment, and that before the file. */
export interface SettingsSources {
  /** Texts by the place of the setting: `limits.body`. */
  readonly flags?: Readonly<Record<string, string>>
  /** Variables `ANNALS_SERVER_…`; others are not looked at. @defaultValue none */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Path of a JSON file. @defaultValue what ANNALS_SERVER_CONFIG names */
  readonly file?: string | undefined
  /** Directory of the log when no source names one. */
  readonly standardDir?: string | undefined
}

/** Settings, and who said what. */
export interface LoadedSettings {
  readonly settings: Settings
  /** Where each setting comes from, by its place: `flag --port`, `variable …`, the path of the file; absent for a default. */
  readonly sources: ReadonlyMap<string, string>
}

type Tree = Record<string, unknown>

/**
 * Reads the settings of a server.
 *
 * @throws AnnalsError ANNALS_INVALID naming the source and the place of what is wrong; ANNALS_NOT_FOUND without the file
 * @example
 * ```ts
 * const settings = await loadSettings({ flags: { port: '0' }, env: process.env, file: 'annals-server.json' })
 * ```
 */
export async function loadSettings(from: SettingsSources): Promise<Settings> {
  return (await traceSettings(from)).settings
}

/** As `loadSettings`, and tells where each of them comes from. */
export async function traceSettings({
  flags = {},
  env = {},
  file,
  standardDir,
}: SettingsSources): Promise<LoadedSettings> {
  const path = file ?? env[FILE_VARIABLE]
  const merged: Tree = path === undefined ? {} : await readTree(path)
  const sources = new Map<string, string>(
    SETTINGS.filter(one => valueAt(merged, one.path) !== undefined).map(one => [one.path, path as string]),
  )
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(VARIABLE_PREFIX) || name === FILE_VARIABLE || text === undefined) continue
    const setting = SETTINGS.find(one => one.variable === name)
    const known = [...SETTINGS.map(one => one.variable), FILE_VARIABLE]
    if (setting === undefined) throw unknown(`variable ${name}`, name, known)
    put(merged, setting, text, `variable ${name}`, sources)
  }
  for (const [place, text] of Object.entries(flags)) {
    const setting = SETTINGS.find(one => one.path === place)
    const known = SETTINGS.map(one => one.path)
    if (setting === undefined) throw unknown(`flag for ${place}`, place, known)
    put(merged, setting, text, `flag ${setting.flag}`, sources)
  }
  if (standardDir !== undefined) merged['dir'] ??= standardDir
  const result = settingsSchema.safeParse(merged)
  if (result.success) return { settings: result.data, sources }
  const [issue] = result.error.issues
  throw faultOf(issue as z.core.$ZodIssue, sources, path)
}

/** Settings as they may be shown: nothing secret is in them. */
export function showSettings(settings: Settings): Settings {
  const shown = structuredClone(settings) as unknown as Tree
  for (const { path, secret } of SETTINGS) {
    if (!secret) continue
    const names = path.split('.')
    const last = names.pop() as string
    const tree = names.reduce<unknown>((at, name) => (at as Tree | undefined)?.[name], shown) as Tree
    if (tree?.[last] !== undefined) tree[last] = '(hidden)'
  }
  return shown as unknown as Settings
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => {
    return typeof at === 'object' && at !== null ? (at as Tree)[name] : undefined
  }, tree)
}

async function readTree(path: string): Promise<Tree> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `${path}: the file of the settings cannot be read.`, { cause })
  }
  let tree: unknown
  try {
    tree = JSON.parse(text)
  } catch (cause) {
    throw new AnnalsError('ANNALS_INVALID', `${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'Settings are one JSON object.',
    })
  }
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw new AnnalsError('ANNALS_INVALID', `${path}: settings are one JSON object.`)
  return tree as Tree
}

/** Lays a text over what the sources before have said. */
function put(
  merged: Tree,
  setting: Setting,
  text: string,
  source: string,
  sources: Map<string, string>,
): void {
  const names = setting.path.split('.')
  const last = names.pop() as string
  let tree = merged
  for (const name of names) {
    const inner = tree[name]
    const next: Tree = typeof inner === 'object' && inner !== null ? (inner as Tree) : {}
    tree[name] = next
    tree = next
  }
  tree[last] = valueFrom(setting, text, source)
  sources.set(setting.path, source)
}

function valueFrom({ kind, path }: Setting, text: string, source: string): unknown {
  switch (kind) {
    case 'text':
      return text
    case 'number':
      return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text
    case 'switch':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'list':
      return text
        .split(',')
        .map(one => one.trim())
        .filter(one => one !== '')
    case 'json':
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new AnnalsError('ANNALS_INVALID', `${source}: must be JSON.`, { path, cause })
      }
  }
}

function faultOf(
  issue: z.core.$ZodIssue,
  sources: ReadonlyMap<string, string>,
  file: string | undefined,
): AnnalsError {
  const place = issue.path.filter(part => typeof part === 'string').join('.')
  const source =
    [...sources].find(([path]) => place === path || place.startsWith(`${path}.`))?.[1] ?? file ?? 'settings'
  if (issue.code === 'unrecognized_keys') {
    const name = [...issue.path.map(String), issue.keys[0]].join('.')
    return unknown(
      source,
      name,
      SETTINGS.map(one => one.path),
    )
  }
  return new AnnalsError('ANNALS_INVALID', `${source}: ${place || 'settings'}: ${issue.message}.`, {
    path: place,
    hint: SETTINGS.find(({ path }) => path === place)?.description ?? '',
  })
}

function unknown(source: string, name: string, known: readonly string[]): AnnalsError {
  const hint = didYouMean(name, known)
  return new AnnalsError('ANNALS_INVALID', `${source}: there is no setting ${JSON.stringify(name)}.`, {
    path: name,
    ...(hint === undefined ? {} : { hint }),
  })
}
