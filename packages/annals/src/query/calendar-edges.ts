import type { TimeRange } from './time.ts'
import { fromWall, instantsOf, toWall, wallTime } from './zone.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** No clock is put forward or back by more at once, but for the date line. */
const LEAP = 3 * HOUR
/** Below it every zone of our time has its boundaries where UTC has them. */
const QUARTER = 15 * MINUTE
/** Days from a Monday to the epoch. */
const EPOCH_DAY = 3

interface Step {
  readonly unit: 'clock' | 'day' | 'month'
  /** Milliseconds of the local clock, days or months. */
  readonly count: number
}

/** Every width of a bucket, narrowest first. */
const STEPS: readonly Step[] = [
  ...steps('clock', [1, 2, 5, 10, 20, 50, 100, 200, 500]),
  ...steps('clock', [1, 2, 5, 10, 15, 30], SECOND),
  ...steps('clock', [1, 2, 5, 10, 15, 30], MINUTE),
  ...steps('clock', [1, 2, 3, 4, 6, 12], HOUR),
  ...steps('day', [1, 2, 7]),
  ...steps('month', [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 12_000, 60_000]),
]

/**
 * Edges of buckets over a range, where a calendar and clock of the zone have their boundaries: seconds, minutes, hours, days,
 * weeks from Monday, months or years, as narrow as gives no more buckets than asked. The first edge is not after the range's
 * begin, the last not before its end. A day of the zone may have 23 or 25 hours; an hour that the clock repeats is two buckets.
 *
 * @param most buckets, from 2
 * @throws AnnalsError ANNALS_QUERY for an unknown zone; TypeError for a range or number that is none
 * @example
 * ```ts
 * const day = parseRange('2026-10-25', { now: 0, timeZone: 'Europe/Berlin' })
 * calendarEdges(day, 'Europe/Berlin', 48).length // 26: 25 hours
 * ```
 */
export function calendarEdges([from, to]: TimeRange, timeZone: string, most: number): number[] {
  if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to)
    throw new TypeError('calendarEdges: a range that is finite and not empty')
  if (!Number.isInteger(most) || most < 2) throw new TypeError(`calendarEdges: ${most} buckets; 2 or more`)
  for (const step of STEPS) {
    if (leastOf(step, to - from) > most) continue
    const edges = edgesBy(step, [from, to], timeZone)
    if (edges.length <= most + 1) return edges
  }
  return [from, to]
}

function steps(unit: Step['unit'], counts: readonly number[], times = 1): readonly Step[] {
  return counts.map(count => ({ unit, count: count * times }))
}

/** The least number of buckets that a length can have. Changes of the clock within it make up for each other. */
function leastOf({ unit, count }: Step, length: number): number {
  if (unit === 'clock') return (count < QUARTER ? length : length - LEAP) / count
  return (length - LEAP) / (count * (unit === 'day' ? DAY : 31 * DAY))
}

function edgesBy({ unit, count }: Step, [from, to]: TimeRange, timeZone: string): number[] {
  if (unit === 'clock' && count < QUARTER) {
    const first = from - modulo(toWall(from, timeZone), count)
    return Array.from({ length: Math.ceil((to - first) / count) + 1 }, (_, nth) => first + nth * count)
  }
  const slack = unit === 'clock' ? LEAP : 0
  const walls = wallsBy({ unit, count }, toWall(from, timeZone) - slack, toWall(to, timeZone) + slack)
  const twice = unit === 'clock' && count <= HOUR
  const all = walls.flatMap(wall => (twice ? instantsOf(wall, timeZone) : [fromWall(wall, timeZone)]))
  const edges = [...new Set(all)].sort((a, b) => a - b)
  const begin = edges.findLastIndex(edge => edge <= from)
  const end = edges.findIndex(edge => edge >= to)
  return edges.slice(Math.max(0, begin), end === -1 ? undefined : end + 1)
}

/** Local times at which a bucket can begin, from the last that is not after `from` to the first that is not before `to`. */
function wallsBy({ unit, count }: Step, from: number, to: number): number[] {
  const walls: number[] = []
  const at = (nth: number): number => {
    if (unit === 'clock') return nth * count
    return unit === 'day'
      ? (nth * count - (count === 7 ? EPOCH_DAY : 0)) * DAY
      : wallTime(0, nth * count + 1, 1)
  }
  for (let nth = firstBy({ unit, count }, from); ; nth++) {
    walls.push(at(nth))
    if (at(nth) >= to) return walls
  }
}

/** The last multiple of a step that is not after a local time. */
function firstBy({ unit, count }: Step, wall: number): number {
  if (unit === 'clock') return Math.floor(wall / count)
  if (unit === 'day') return Math.floor((Math.floor(wall / DAY) + (count === 7 ? EPOCH_DAY : 0)) / count)
  const date = new Date(wall)
  return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / count)
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
