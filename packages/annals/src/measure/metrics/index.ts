// What can be measured: the name of an export is the name of a metric.

export { actors } from './actors.ts'
export { duration } from './duration.ts'
export { failureRatio } from './failure-ratio.ts'
export { operations } from './operations.ts'
export { rate } from './rate.ts'
export { rolling } from './rolling.ts'
export { summary } from './summary.ts'
export { targets } from './targets.ts'
