import { z } from 'zod'
import { defineMethod } from '../method.ts'
import { askedMetric, metricParams } from './metric-params.ts'

/** A metric of a window. */
export const metricsGet = defineMethod({
  name: 'metrics.get',
  summary: 'A metric of a window',
  permission: 'read',
  params: z.looseObject(metricParams),
  async run({ params, principal, reader, context }) {
    const { name, window } = askedMetric(params)
    await context.reading.record(principal, 'metrics', { metric: name })
    return { result: await reader.metric(name, window) }
  },
})
