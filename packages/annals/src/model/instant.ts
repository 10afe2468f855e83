import { kindOf, refuse, type Walk } from './walk.ts'

/** First instant of the year 0000, milliseconds since the epoch. */
const EARLIEST = -62_167_219_200_000
/** Last millisecond of the year 9999. */
const LATEST = 253_402_300_799_999
const HINT =
  "send ISO 8601 with a zone such as '2026-11-21T12:02:41.318Z', a Date, or milliseconds since the epoch"

let cachedMs = Number.NaN
let cachedText = ''

/**
 * An instant as ISO 8601 UTC with milliseconds. The last one is remembered, as many events share a millisecond.
 *
 * @param ms milliseconds since the epoch, within the years 0000 to 9999
 * @throws RangeError outside these years
 * @example
 * ```ts
 * formatInstant(0) // '1970-01-01T00:00:00.000Z'
 * ```
 */
export function formatInstant(ms: number): string {
  if (ms === cachedMs) return cachedText
  if (!(ms >= EARLIEST && ms <= LATEST)) throw new RangeError(`${ms} ms is outside the years 0000 to 9999`)
  const text = new Date(ms).toISOString()
  cachedMs = ms
  cachedText = text
  return text
}

/**
 * Milliseconds since the epoch of an ISO 8601 instant with a zone (`Z`, `+hh:mm`, `+hhmm` or `+hh`), or undefined when it is
 * not one, names no zone, has an impossible date, or is outside the years 0000 to 9999 UTC. Fractions below a millisecond are
 * cut off. Seconds may be left out; second 60 is not accepted.
 *
 * @example
 * ```ts
 * parseInstant('2026-11-21T13:02:41+01:00') // 1795262561000
 * ```
 */
export function parseInstant(text: string): number | undefined {
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined
  const separator = text[10]
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':') return undefined
  if (separator !== 'T' && separator !== 't' && separator !== ' ') return undefined
  let at = 16
  let second = 0
  let millisecond = 0
  if (text[at] === ':') {
    second = digits(text, 17, 2)
    if (second < 0 || second > 59) return undefined
    at = 19
    if (text[at] === '.' || text[at] === ',') {
      const from = at + 1
      at = from
      while (isDigit(text.charCodeAt(at))) at += 1
      if (at === from) return undefined
      millisecond = Math.max(0, digits(text.slice(from, Math.min(at, from + 3)).padEnd(3, '0'), 0, 3))
    }
  }
  const offset = zoneMinutes(text, at)
  if (offset === undefined) return undefined
  const minutes = (epochDays(year, month, day) * 24 + hour) * 60 + minute - offset
  const ms = (minutes * 60 + second) * 1000 + millisecond
  return ms >= EARLIEST && ms <= LATEST ? ms : undefined
}

/** A producer's instant as ISO 8601 UTC with milliseconds. */
export function takeInstant(walk: Walk, key: string, value: unknown): string {
  if (typeof value === 'string') {
    const ms = parseInstant(value)
    if (ms === undefined)
      return refuse(walk, key, 'is not an instant with a zone within the years 0000 to 9999', HINT)
    return isCanonical(value) ? value : formatInstant(ms)
  }
  let ms: number
  if (typeof value === 'number') ms = Math.floor(value)
  else {
    try {
      ms = Date.prototype.getTime.call(value as Date)
    } catch {
      return refuse(walk, key, `must be an instant, got ${kindOf(value)}`, HINT)
    }
  }
  return ms >= EARLIEST && ms <= LATEST
    ? formatInstant(ms)
    : refuse(walk, key, 'is not an instant within the years 0000 to 9999', HINT)
}

/** Only asked of texts that parse: 24 characters with these marks have no other reading. */
function isCanonical(text: string): boolean {
  return text.length === 24 && text[23] === 'Z' && text[19] === '.' && text[10] === 'T'
}

function zoneMinutes(text: string, at: number): number | undefined {
  const mark = text[at]
  if (mark === 'Z' || mark === 'z') return text.length === at + 1 ? 0 : undefined
  if (mark !== '+' && mark !== '-') return undefined
  const hours = digits(text, at + 1, 2)
  const rest = text.slice(at + 3)
  const minutes =
    rest === ''
      ? 0
      : rest.length === 3 && rest[0] === ':'
        ? digits(rest, 1, 2)
        : rest.length === 2
          ? digits(rest, 0, 2)
          : -1
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return undefined
  return (mark === '-' ? -1 : 1) * (hours * 60 + minutes)
}

/** The number that `count` digits at a place spell, or −1. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let place = at; place < at + count; place += 1) {
    const unit = text.charCodeAt(place)
    if (!isDigit(unit)) return -1
    value = value * 10 + unit - 48
  }
  return value
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; counts from March so that the leap day comes last. */
function epochDays(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  )
}
