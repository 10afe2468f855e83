import type { Metric } from '../metric.ts'
import { type DistinctCount, distinctOf } from './distinct-count.ts'

/** How many different targets there were, by type and id, primary or not. */
export const targets: Metric<DistinctCount> = {
  options: [],
  needs: ['targets'],
  measure: async view => distinctOf((await view.total()).tally.targets),
}
