import type { Command } from 'commander'
import { UsageFailure } from '../failure/failure.ts'
import { FORMATS, type Format } from '../output/format.ts'
import type { ProgressStyle } from '../output/progress.ts'
import type { ColorWish } from '../output/terminal.ts'

/** Flags that every command takes, as commander hands them over. */
export interface RawGlobals {
  readonly dir?: string
  readonly endpoint?: string
  readonly context?: string
  readonly tokenFile?: string
  readonly quiet?: true
  readonly verbose?: true
  readonly debug?: true
  readonly output?: string
  readonly fields?: string
  readonly color?: string
  readonly pager?: boolean
  readonly progress?: string
  readonly csvRaw?: true
  readonly header?: true
}

/** Flags that name a server and how to sign in there, as they were given. */
export interface ServerFlags {
  readonly endpoint: string | undefined
  readonly context: string | undefined
  readonly tokenFile: string | undefined
}

/** The same, checked and with their defaults. */
export interface Globals {
  readonly dir: string
  /** Who named the directory. */
  readonly dirFrom: 'flag' | 'environment' | 'default'
  /** Which server, of the commands that take one: see `addServerFlags`. */
  readonly server: ServerFlags
  readonly quiet: boolean
  readonly verbose: boolean
  readonly debug: boolean
  /** Absent: chosen by where stdout goes. */
  readonly format: Format | undefined
  readonly fields: readonly string[] | undefined
  readonly color: ColorWish
  readonly progress: ProgressStyle
  readonly csvRaw: boolean
  readonly header: boolean
}

const DEFAULT_DIR = './annals-data'

/** Declares the global flags on a command. */
export function addGlobalFlags(command: Command): Command {
  return command
    .optionsGroup('Global options:')
    .option('--dir <dir>', `directory of the log (env ANNALS_DIR, default ${DEFAULT_DIR})`)
    .option('-o, --output <format>', FORMATS.join('|'))
    .option('--fields <a,b.c>', 'only these fields; see "annals help output"')
    .option('-q, --quiet', 'no notes and no progress on stderr')
    .option('-v, --verbose', 'more notes on stderr')
    .option('--debug', 'show the trace of an error')
    .option('--color <when>', 'auto|always|never')
    .option('--no-pager', 'accepted; output is never paged')
    .option('--progress <style>', 'auto|json|none')
    .option('--csv-raw', 'leave csv cells that a spreadsheet would run as they are')
    .option('--header', 'a header line in tab-separated output')
}

/**
 * Checks the flags and fills in the environment and the defaults. Precedence: flag, environment, default.
 *
 * @throws UsageFailure naming the flag
 */
export function readGlobals(raw: RawGlobals, env: Readonly<Record<string, string | undefined>>): Globals {
  if (raw.dir === '')
    throw new UsageFailure('--dir: an empty name', {
      why: 'it names no directory',
      hint: `Give a directory, or leave the flag out for ANNALS_DIR or ${DEFAULT_DIR}.`,
    })
  const named = env['ANNALS_DIR'] || undefined
  return {
    dir: raw.dir ?? named ?? DEFAULT_DIR,
    dirFrom: raw.dir !== undefined ? 'flag' : named !== undefined ? 'environment' : 'default',
    server: { endpoint: raw.endpoint, context: raw.context, tokenFile: raw.tokenFile },
    quiet: raw.quiet === true,
    verbose: raw.verbose === true,
    debug: raw.debug === true,
    format: oneOf('--output', raw.output, FORMATS),
    fields: raw.fields === undefined ? undefined : splitList('--fields', raw.fields),
    color: oneOf('--color', raw.color, ['auto', 'always', 'never'] as const) ?? 'auto',
    progress: oneOf('--progress', raw.progress, ['auto', 'json', 'none'] as const) ?? 'auto',
    csvRaw: raw.csvRaw === true,
    header: raw.header === true,
  }
}

function oneOf<T extends string>(
  flag: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined
  const found = known.find(one => one === value)
  if (found !== undefined) return found
  throw new UsageFailure(`${flag}: unknown value "${value}"`, {
    why: 'it is none of the words that this flag takes',
    choice: { given: value, known },
  })
}

function splitList(flag: string, value: string): string[] {
  const parts = value.split(',').map(part => part.trim())
  if (parts.includes(''))
    throw new UsageFailure(`${flag}: an empty name in "${value}"`, {
      hint: 'Separate names by single commas.',
    })
  return parts
}
