import type { Distinct } from '../distinct.ts'

/** How many different ones. */
export interface DistinctCount {
  readonly distinct: number
  /** Exact up to 512; beyond, an estimate with a standard error of 2.3 %. */
  readonly exact: boolean
}

export function distinctOf(distinct: Distinct): DistinctCount {
  return { distinct: distinct.count(), exact: distinct.exact }
}
