import { refuse, shown } from './refuse.ts'

const DAY = 86_400_000
const REMEMBERED = 64

const formats = new Map<string, Intl.DateTimeFormat>()

/** A local date and time, as if it were UTC: milliseconds since the epoch. Fields may overflow into the next. */
export function wallTime(year: number, month: number, day: number, timeMs = 0): number {
  // Date.UTC takes years below 100 for 1900 and later.
  return new Date(0).setUTCFullYear(year, month - 1, day) + timeMs
}

/**
 * The instant of a local time. Of one that occurs twice the first is meant; one that is skipped is as much later as
 * the clock was put forward, as RFC 5545 has it, so that a day begins at its first instant.
 *
 * @throws AnnalsError ANNALS_QUERY for an unknown zone
 * @example
 * ```ts
 * fromWall(Date.UTC(2026, 9, 25), 'Europe/Berlin') // Date.UTC(2026, 9, 24, 22)
 * ```
 */
export function fromWall(wall: number, timeZone: string): number {
  return instantsOf(wall, timeZone)[0]
}

/** The instants of a local time, in order: two when the clock is put back over it, else one as {@link fromWall} has it. */
export function instantsOf(
  wall: number,
  timeZone: string,
): readonly [instant: number] | readonly [first: number, second: number] {
  if (timeZone === 'UTC') return [wall]
  const early = wall - offsetAt(wall - DAY, timeZone)
  const late = wall - offsetAt(wall + DAY, timeZone)
  const [first, second] = [Math.min(early, late), Math.max(early, late)]
  const isFirst = toWall(first, timeZone) === wall
  if (first === second || toWall(second, timeZone) !== wall) return [isFirst ? first : early]
  return isFirst ? [first, second] : [second]
}

/** The local time of an instant, as if it were UTC. */
export function toWall(instant: number, timeZone: string): number {
  return instant + offsetAt(instant, timeZone)
}

/** Local time minus UTC at an instant, in milliseconds. */
function offsetAt(instant: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const at: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) at[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = at
  const wall = wallTime(year, month, day, ((hour * 60 + minute) * 60 + second) * 1000)
  return wall - Math.floor(instant / 1000) * 1000
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = newFormat(timeZone)
  if (formats.size >= REMEMBERED) formats.clear()
  formats.set(timeZone, format)
  return format
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return refuse(
      `there is no time zone ${shown(timeZone)}`,
      undefined,
      'use an IANA name such as Europe/Berlin, or UTC',
    )
  }
}
