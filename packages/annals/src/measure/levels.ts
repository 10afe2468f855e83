const SECOND = 1_000
const MINUTE: number = 60 * SECOND
const HOUR: number = 60 * MINUTE
const DAY: number = 24 * HOUR

/** A width of buckets, and for how long they are kept so fine. */
export interface Level {
  /** Milliseconds. Buckets begin at whole multiples since 1970, UTC. Each width divides the next. */
  readonly width: number
  /** Milliseconds before the newest event. */
  readonly keep: number
}

/** Finest first. The last two come to use only when the budget of bytes is exceeded. */
export const LEVELS: readonly Level[] = [
  { width: SECOND, keep: 15 * MINUTE },
  { width: MINUTE, keep: 48 * HOUR },
  { width: HOUR, keep: 90 * DAY },
  { width: DAY, keep: Number.POSITIVE_INFINITY },
  { width: 32 * DAY, keep: Number.POSITIVE_INFINITY },
  { width: 1_024 * DAY, keep: Number.POSITIVE_INFINITY },
]

/** The coarsest level. */
export const TOP_LEVEL: number = LEVELS.length - 1

/** Width of the buckets of a level, in milliseconds. */
export function widthOf(level: number): number {
  return (LEVELS[level] as Level).width
}

/** Beginning of the bucket of a level that a time is in. */
export function startOf(level: number, time: number): number {
  const width = widthOf(level)
  return Math.floor(time / width) * width
}

/** Whether buckets of this level that lie in the same bucket of the next as `time` are due to be merged into it. */
export function isDue(level: number, time: number, newest: number): boolean {
  if (level >= TOP_LEVEL) return false
  return startOf(level + 1, time) + widthOf(level + 1) <= newest - (LEVELS[level] as Level).keep
}

/** The level at which an event of this time is kept when the newest is of that one. */
export function levelFor(time: number, newest: number): number {
  let level = 0
  while (isDue(level, time, newest)) level++
  return level
}
