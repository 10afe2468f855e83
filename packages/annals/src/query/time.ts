import { parseDuration } from './duration.ts'
import { refuse, shown } from './refuse.ts'
import { fromWall, toWall, wallTime } from './zone.ts'

/** Half-open range of milliseconds since the epoch; the ends may be infinite. */
export type TimeRange = readonly [from: number, to: number]

/** What relative and zone-less times are read against. */
export interface TimeContext {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** IANA name. @defaultValue 'UTC' */
  readonly timeZone?: string | undefined
}

const HINT =
  'write a date (2026-03-01), month, year, RFC 3339 time, duration (24h), now-1h, today or yesterday'
const LOCAL =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?([Zz]|[+-]\d\d:\d\d)?)?)?)?$/
/** The range of Date (ECMA-262). */
const MAX_INSTANT = 8.64e15

/**
 * The instant at which a named time begins: `24h` is 24 hours ago, `2026-03` the first of March, `now+1h`,
 * `yesterday`, or an RFC 3339 time, without a zone in that of the context. For bounds such as `--after`.
 *
 * @throws AnnalsError ANNALS_QUERY for anything else
 * @example
 * ```ts
 * parseInstant('2026-03-01T14:05', { now: Date.now(), timeZone: 'Europe/Berlin' })
 * ```
 */
export function parseInstant(text: string, context: TimeContext): number {
  return parseMoment(text, context)[0]
}

/**
 * The range that a time names: a whole year, month, day, minute, second or millisecond; `lo..hi` (half-open, either
 * end may be absent); or of a duration the time from so long ago until now. For windows such as `--during`.
 *
 * @throws AnnalsError ANNALS_QUERY for anything else, and for a range that ends before it begins
 * @example
 * ```ts
 * parseRange('2026-10-25', { now: Date.now(), timeZone: 'Europe/Berlin' }) // 25 hours
 * ```
 */
export function parseRange(text: string, context: TimeContext): TimeRange {
  const dots = text.indexOf('..')
  if (dots >= 0 && text.length > 2) return rangeBetween(text.slice(0, dots), text.slice(dots + 2), context)
  const length = parseDuration(text)
  return length === undefined
    ? parseMoment(text, context)
    : bounded([ago(context, length), context.now], text)
}

/** The half-open range between two named times; '' is no bound. */
export function rangeBetween(from: string, to: string, context: TimeContext): TimeRange {
  const start = from === '' ? Number.NEGATIVE_INFINITY : parseInstant(from, context)
  const end = to === '' ? Number.POSITIVE_INFINITY : parseInstant(to, context)
  if (start > end)
    refuse(`the range ${shown(`${from}..${to}`)} ends before it begins`, undefined, 'swap its ends')
  return [start, end]
}

/** The range that a time names, a relative one being a single millisecond. */
export function parseMoment(text: string, context: TimeContext): TimeRange {
  if (!Number.isFinite(context.now)) throw new TypeError('query: now must be milliseconds since the epoch')
  return bounded(relative(text.toLowerCase(), context) ?? absolute(text, context), text)
}

function relative(text: string, context: TimeContext): TimeRange | undefined {
  if (text === 'now') return instant(context.now)
  if (text === 'today') return localDay(context, 0)
  if (text === 'yesterday') return localDay(context, -1)
  const signed = text.startsWith('now') ? text.slice(4) : text
  const length = parseDuration(signed)
  if (length === undefined || signed === text)
    return length === undefined ? undefined : instant(ago(context, length))
  const sign = text.charAt(3)
  if (sign === '-') return instant(ago(context, length))
  return sign === '+' ? instant(ago(context, -length)) : undefined
}

function absolute(text: string, context: TimeContext): TimeRange {
  const match = LOCAL.exec(text)
  if (!match) return refuse(`${shown(text)} is not a time`, undefined, HINT)
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const at = [year, month ?? 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number)
  const [y = 0, mo = 1, d = 1, h = 0, mi = 0, s = 0] = at
  const date = new Date(wallTime(y, mo, d))
  const isReal = date.getUTCMonth() === mo - 1 && date.getUTCDate() === d && h < 24 && mi < 60 && s < 60
  if (!isReal) return refuse(`${shown(text)} is not a date or time that exists`, undefined, HINT)
  const timeZone = context.timeZone ?? 'UTC'
  if (month === undefined)
    return [fromWall(wallTime(y, 1, 1), timeZone), fromWall(wallTime(y + 1, 1, 1), timeZone)]
  if (day === undefined)
    return [fromWall(wallTime(y, mo, 1), timeZone), fromWall(wallTime(y, mo + 1, 1), timeZone)]
  if (hour === undefined)
    return [fromWall(wallTime(y, mo, d), timeZone), fromWall(wallTime(y, mo, d + 1), timeZone)]
  const millis = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
  const wall = wallTime(y, mo, d, ((h * 60 + mi) * 60 + s) * 1000 + millis)
  const start = zone === undefined ? fromWall(wall, timeZone) : wall - zoneOffset(zone, text)
  if (fraction !== undefined) return [start, start + 10 ** Math.max(0, 3 - fraction.length)]
  return [start, start + (second === undefined ? 60_000 : 1000)]
}

function zoneOffset(zone: string, text: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number)
  if (hours > 23 || minutes > 59)
    refuse(`${shown(text)} has no real zone`, undefined, 'write Z or an offset such as +02:00')
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function localDay(context: TimeContext, shift: number): TimeRange {
  const timeZone = context.timeZone ?? 'UTC'
  const today = new Date(toWall(context.now, timeZone))
  const [y, m, d] = [today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate() + shift]
  return [fromWall(wallTime(y, m, d), timeZone), fromWall(wallTime(y, m, d + 1), timeZone)]
}

function ago({ now }: TimeContext, length: number): number {
  return Math.floor(now - length)
}

function instant(at: number): TimeRange {
  return [at, at + 1]
}

function bounded(range: TimeRange, text: string): TimeRange {
  if (Math.max(Math.abs(range[0]), Math.abs(range[1])) > MAX_INSTANT) {
    refuse(`${shown(text)} is out of the range of time`, undefined, HINT)
  }
  return range
}
