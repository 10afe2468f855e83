import type { Metric } from '../metric.ts'
import type { Tally } from '../tally.ts'

/** Operations, all and by how they ended. */
export interface OperationCounts {
  readonly total: number
  readonly success: number
  readonly failure: number
  readonly denied: number
  readonly unknown: number
  readonly pending: number
}

/** How many operations there were. An attempt and its outcome are one. */
export const operations: Metric<OperationCounts> = {
  options: [],
  needs: [],
  measure: async view => operationsOf((await view.total()).tally),
}

export function operationsOf(tally: Tally): OperationCounts {
  return {
    total: tally.operations,
    success: tally.of('success'),
    failure: tally.of('failure'),
    denied: tally.of('denied'),
    unknown: tally.of('unknown'),
    pending: tally.of('pending'),
  }
}
