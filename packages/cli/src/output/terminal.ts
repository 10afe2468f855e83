/** When to colour: as the stream allows, always, never. */
export type ColorWish = 'auto' | 'always' | 'never'

/** What one output stream can show. */
export interface Terminal {
  readonly isTTY: boolean
  /** Cells of a line; only meaningful on a terminal. */
  readonly columns: number
  readonly color: boolean
  /** Whether characters beyond ASCII are safe for symbols of our own. */
  readonly unicode: boolean
}

/** The part of a write stream that says what it is. */
export interface StreamFacts {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Judges one stream by itself: stdout may be a file while stderr is a terminal. */
export function terminalOf(stream: StreamFacts, env: Environment, wish: ColorWish): Terminal {
  const isTTY = stream.isTTY === true
  return {
    isTTY,
    // A pty that nobody sized says 0.
    columns: positive(stream.columns) ?? positive(env['COLUMNS']) ?? 80,
    color: wantsColor(isTTY, env, wish),
    unicode: speaksUnicode(env),
  }
}

function wantsColor(isTTY: boolean, env: Environment, wish: ColorWish): boolean {
  if (wish !== 'auto') return wish === 'always'
  // no-color.org: any value but the empty one counts.
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '') return env['FORCE_COLOR'] !== '0'
  return isTTY && env['TERM'] !== 'dumb'
}

function speaksUnicode(env: Environment): boolean {
  // POSIX precedence; an empty value counts as absent.
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return /utf-?8/i.test(locale)
}

function positive(text: string | number | undefined): number | undefined {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : undefined
}
