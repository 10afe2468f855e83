import type { Metric } from '../metric.ts'
import { type DistinctCount, distinctOf } from './distinct-count.ts'
import { type DurationSummary, durationOf } from './duration.ts'
import { type FailureRatio, failureRatioOf } from './failure-ratio.ts'
import { type OperationCounts, operationsOf } from './operations.ts'
import { type Rate, type RateOptions, rateOf, readUnit } from './rate.ts'

/** The metrics of a window that need no steps, at one moment. */
export interface Summary {
  readonly operations: OperationCounts
  readonly rate: Rate
  readonly failureRatio: FailureRatio
  readonly actors: DistinctCount
  readonly targets: DistinctCount
  readonly duration: DurationSummary
}

/** All of them in one answer. */
export const summary: Metric<Summary, RateOptions> = {
  options: ['per'],
  needs: ['durations', 'actors', 'targets'],
  async measure(view, options) {
    const unit = readUnit(options)
    const total = await view.total()
    const { tally } = total
    return {
      operations: operationsOf(tally),
      rate: rateOf(view, total, unit),
      failureRatio: failureRatioOf(tally),
      actors: distinctOf(tally.actors),
      targets: distinctOf(tally.targets),
      duration: durationOf(tally.durations),
    }
  },
}
