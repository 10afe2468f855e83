import type { LocalReader } from 'annals'
import { z } from 'zod'

type Metric = LocalReader['metric']

const instantParam = z.iso
  .datetime({ offset: true })
  .transform(text => new Date(text))
  .optional()

/** What every method about metrics takes: a metric, and the members of its window beside it. The log checks what it takes. */
export const metricParams = { metric: z.string().max(64), from: instantParam, to: instantParam }

/** What was asked, as the log takes it. */
export interface AskedMetric {
  readonly name: Parameters<Metric>[0]
  readonly window: Parameters<Metric>[1]
}

/** The metric and its window. Whether there is such a metric, the log says. */
export function askedMetric({
  metric,
  from,
  to,
  ...more
}: {
  readonly metric: string
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}): AskedMetric {
  const window = {
    ...more,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
  return { name: metric as AskedMetric['name'], window }
}
