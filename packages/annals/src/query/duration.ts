/** Milliseconds of each unit; a day is 24 h. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Hint for a duration that cannot be read. */
export const DURATION_HINT = 'write a number and a unit: 500ms, 5s, 2m, 1h, 7d or 2w'

/**
 * A duration in milliseconds: a number, which may have decimals, and one of `ms s m h d w`. Undefined for anything else.
 *
 * @example
 * ```ts
 * parseDuration('1.5h') // 5400000
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d|w)$/.exec(text) ?? []
  const length = unit === undefined ? undefined : UNITS[unit]
  return length === undefined ? undefined : Number(count) * length
}
