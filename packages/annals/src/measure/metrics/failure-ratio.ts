import type { Metric } from '../metric.ts'
import type { Tally } from '../tally.ts'

/** How much failed. */
export interface FailureRatio {
  /** `failed / decided`, from 0 to 1; 0 when nothing is decided. */
  readonly ratio: number
  /** Operations that ended in `failure` or `denied`. */
  readonly failed: number
  /** These and those that ended in `success`: of `unknown` and `pending` ones nobody knows. */
  readonly decided: number
}

/** The share of operations that failed or were denied, of those whose end is known. */
export const failureRatio: Metric<FailureRatio> = {
  options: [],
  needs: [],
  measure: async view => failureRatioOf((await view.total()).tally),
}

export function failureRatioOf(tally: Tally): FailureRatio {
  const failed = tally.of('failure') + tally.of('denied')
  const decided = failed + tally.of('success')
  return { ratio: decided === 0 ? 0 : failed / decided, failed, decided }
}
