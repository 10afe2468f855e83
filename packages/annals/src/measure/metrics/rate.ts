import type { Metric } from '../metric.ts'
import type { Total, View } from '../view.ts'
import { refuse } from '../window.ts'

/** A time that operations are counted per. */
export type RateUnit = 'second' | 'minute' | 'hour' | 'day'

/** Options of `rate`. */
export interface RateOptions {
  /** @defaultValue `second` */
  readonly per?: RateUnit | undefined
}

/** Operations in a time. */
export interface Rate {
  readonly rate: number
  readonly per: RateUnit
  readonly operations: number
  /** What they were divided by, in milliseconds; 0 for an empty window, whose rate is 0. */
  readonly spanMs: number
}

const UNITS: Readonly<Record<RateUnit, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/**
 * Operations per second, or another unit. The divisor is the window that was asked for. Where it has no beginning, it is the time from
 * the first operation, but not less than one unit: what was seen is never extrapolated.
 */
export const rate: Metric<Rate, RateOptions> = {
  options: ['per'],
  needs: [],
  async measure(view, options) {
    const unit = readUnit(options)
    return rateOf(view, await view.total(), unit)
  },
}

/** @throws AnnalsError ANNALS_INVALID for a unit that is none */
export function readUnit({ per = 'second' }: RateOptions): RateUnit {
  if (!Object.hasOwn(UNITS, per)) throw refuse('/per', `must be one of ${Object.keys(UNITS).join(', ')}`)
  return per
}

export function rateOf({ asked }: View, { tally, spanMs }: Total, per: RateUnit): Rate {
  const { operations } = tally
  const unit = UNITS[per]
  const begins = asked.from !== undefined || asked.last !== undefined
  const divisor = begins || operations === 0 ? spanMs : Math.max(spanMs, unit)
  return { rate: divisor === 0 ? 0 : (operations * unit) / divisor, per, operations, spanMs: divisor }
}
