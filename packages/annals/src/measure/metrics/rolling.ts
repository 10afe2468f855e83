import type { Metric } from '../metric.ts'
import { MAX_STEPS } from '../view.ts'
import { refuse } from '../window.ts'

/** Options of `rolling`. */
export interface RollingOptions {
  /** Width of a step in milliseconds, whole seconds. @defaultValue about a sixtieth of the window */
  readonly every?: number | undefined
  /** Steps that each average is over, up to 1,000. @defaultValue 5 */
  readonly over?: number | undefined
}

/** A rolling average over time, at most 1,000 points. */
export interface Rolling {
  /** Width of a step; wider than asked where the log is kept more coarsely. */
  readonly everyMs: number
  readonly over: number
  readonly points: readonly {
    /** Beginning of the step, ISO 8601 UTC. The last step may not be over yet. */
    readonly from: string
    /** Operations in the step. */
    readonly operations: number
    /** Mean of the operations in this step and those before it. */
    readonly average: number
  }[]
}

/** Widths that people read easily, in seconds. */
const STEPS = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 21_600, 86_400]
const POINTS = 60
const WIDEST: number = 3_652 * 86_400_000

/** Operations in each step of the window, with the mean over the last steps, also over those before the window. */
export const rolling: Metric<Rolling, RollingOptions> = {
  options: ['every', 'over'],
  needs: [],
  async measure(view, { every, over = 5 }) {
    if (every !== undefined && !(every >= 1_000 && every <= WIDEST && every % 1_000 === 0))
      throw refuse('/every', 'must be whole seconds, in milliseconds, up to ten years')
    if (!Number.isSafeInteger(over) || over < 1 || over > MAX_STEPS)
      throw refuse('/over', `must be a whole number from 1 to ${MAX_STEPS}`)
    const series = await view.series(length => every ?? easyStep(length / POINTS), over - 1)
    const counts = series.steps.map(step => step.operations)
    let sum = counts.slice(0, over - 1).reduce((total, count) => total + count, 0)
    const points = counts.slice(over - 1).map((operations, nth) => {
      sum += operations
      const average = sum / over
      sum -= counts[nth] as number
      return {
        from: new Date(series.from + (nth + over - 1) * series.every).toISOString(),
        operations,
        average,
      }
    })
    return { everyMs: series.every, over, points }
  },
}

/** The next width, in milliseconds, that people read easily. */
function easyStep(least: number): number {
  const seconds = least / 1_000
  const day = STEPS.at(-1) as number
  return 1_000 * (STEPS.find(step => step >= seconds) ?? Math.ceil(seconds / day) * day)
}
