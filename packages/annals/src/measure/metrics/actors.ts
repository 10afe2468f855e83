import type { Metric } from '../metric.ts'
import { type DistinctCount, distinctOf } from './distinct-count.ts'

/** How many different actors there were, by type and id; those without an id are not counted. */
export const actors: Metric<DistinctCount> = {
  options: [],
  needs: ['actors'],
  measure: async view => distinctOf((await view.total()).tally.actors),
}
