import { formatInstant, parseInstant } from '../model/index.ts'

/** A time that a source record claims, in the form of events. */
export interface Instant {
  /** ISO 8601 UTC with milliseconds. */
  readonly at: string
  /** The source gives no zone; it was read as UTC. */
  readonly assumedUtc: boolean
  /** The source is finer than a millisecond: the rest was cut off. */
  readonly finer: boolean
}

const FORM = /^.{19}(?:[.,](\d+))?(.*)$/

/**
 * Reads an ISO 8601 or RFC 3339 time with seconds; undefined for anything else, also for days that no calendar has.
 *
 * @example
 * ```ts
 * instantOf('2023-07-10T12:07:57Z')?.at // '2023-07-10T12:07:57.000Z'
 * ```
 */
export function instantOf(value: unknown): Instant | undefined {
  const match = typeof value === 'string' ? FORM.exec(value) : null
  if (match === null) return undefined
  const [text, fraction = '', zone] = match
  const assumedUtc = zone === ''
  const ms = parseInstant(assumedUtc ? `${text}Z` : text)
  if (ms === undefined) return undefined
  return { at: formatInstant(ms), assumedUtc, finer: /[1-9]/.test(fraction.slice(3)) }
}

/** 3 March 1973. A smaller number of milliseconds is a number of seconds, or nothing. */
const EARLIEST_MS = 100_000_000_000
/** Where the year 10000 begins. */
const END_MS = 253_402_300_800_000

/**
 * Reads a number of milliseconds since 1970; undefined for anything else, also for a number that can only mean seconds.
 *
 * @example
 * ```ts
 * instantOfMs(1606929874512)?.at // '2020-12-02T17:24:34.512Z'
 * ```
 */
export function instantOfMs(value: unknown): Instant | undefined {
  if (typeof value !== 'number' || !(value >= EARLIEST_MS && value < END_MS)) return undefined
  return { at: formatInstant(Math.floor(value)), assumedUtc: false, finer: !Number.isInteger(value) }
}

/** Milliseconds from one time of a source record to another, finer than a millisecond where they are; undefined when unknown or negative. */
export function elapsedMs(from: unknown, to: unknown): number | undefined {
  const [start, end] = [preciseMs(from), preciseMs(to)]
  if (start === undefined || end === undefined || end < start) return undefined
  return Math.round((end - start) * 1000) / 1000
}

function preciseMs(value: unknown): number | undefined {
  const instant = instantOf(value)
  if (instant === undefined || typeof value !== 'string') return undefined
  const finer = /[.,]\d{3}(\d{1,6})/.exec(value)?.[1]
  return Date.parse(instant.at) + (finer === undefined ? 0 : Number(`0.${finer}`))
}
