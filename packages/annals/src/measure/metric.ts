import type { Need } from './tally.ts'
import type { View } from './view.ts'

/**
 * One thing that can be measured. A metric is a file of `metrics/` that exports one of these, and a line in its `index.ts`.
 * What it answers is plain JSON, and every number is finite, also when nothing was recorded.
 */
export interface Metric<Value, Options extends object = object> {
  /** Members of the window that are this metric's own. */
  readonly options: readonly (keyof Options & string)[]
  /** What it reads of the tallies beside their counts. */
  readonly needs: readonly Need[]
  /**
   * @param options as they were given: nobody has checked them
   * @throws AnnalsError ANNALS_INVALID for an option that cannot be
   */
  measure(view: View, options: Options): Promise<Value>
}
