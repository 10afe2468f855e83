import { parseDuration } from '../query/index.ts'
import { invalidRequest, requestMembers } from './act-request.ts'

/**
 * How long events of a class are kept: seconds since they were recorded, for ever, or the newest `last` of each subject. The
 * subject of an event is its first target, or its actor when it has none, within its tenant.
 */
export type RetentionRule = number | 'forever' | { readonly last: number }

/** Rules by retention class. */
export type RetentionRules = Readonly<Record<string, RetentionRule>>

/** Seconds of a day, as catalogs count. */
export const DAY_SECONDS = 86_400

const HINT = 'seconds, a time such as "180d" (units s m h d w), "forever" or {"last": 100}'

/**
 * Reads a rule as a person may write it.
 *
 * @param path JSON pointer of the rule
 * @throws AnnalsError ANNALS_INVALID
 * @example
 * ```ts
 * readRule('180d', '/classes/standard') // 15552000
 * ```
 */
export function readRule(value: unknown, path: string): RetentionRule {
  if (value === 'forever') return value
  if (typeof value === 'number' || typeof value === 'string') {
    const seconds = readSeconds(value)
    if (seconds === undefined || seconds < 1) throw invalidRequest(path, 'is no rule of retention', HINT)
    return seconds
  }
  const { last } = requestMembers(value, ['last'], path)
  if (!Number.isSafeInteger(last) || (last as number) < 1)
    throw invalidRequest(`${path}/last`, 'must be a whole number from 1', HINT)
  return { last: last as number }
}

/** Whole seconds, from a number or a text such as `180d`; undefined for anything else. */
export function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? (parseDuration(value) ?? Number.NaN) / 1000 : value
  return typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined
}

/** A rule as a text for people: `180 days`, `for ever`, `newest 100 of each subject`. */
export function ruleText(rule: RetentionRule): string {
  if (rule === 'forever') return 'for ever'
  if (typeof rule === 'object') return `newest ${rule.last} of each subject`
  for (const [unit, seconds] of UNITS) {
    if (rule % seconds === 0) return `${rule / seconds} ${unit}${rule === seconds ? '' : 's'}`
  }
  return `${rule} seconds`
}

const UNITS = [
  ['day', DAY_SECONDS],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** When entries become due by a rule of time: milliseconds since the epoch, or never. */
export function dueAt(rule: RetentionRule, lastTime: number): number {
  return typeof rule === 'number' ? lastTime + rule * 1_000 : Number.POSITIVE_INFINITY
}
