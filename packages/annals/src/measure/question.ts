import { AnnalsError, didYouMean, VISIBILITIES } from '../model/index.ts'
import type { MetricLimit, MetricName, MetricQuery } from './measured.ts'
import type { Metric } from './metric.ts'
import * as METRICS from './metrics/index.ts'
import { type Asked, readWindow } from './window.ts'

const BY_NAME: ReadonlyMap<string, Metric<unknown>> = new Map(Object.entries(METRICS))

/** Every metric, by name. */
export const METRIC_NAMES: readonly MetricName[] = [...BY_NAME.keys()] as MetricName[]

/** A question that was checked, and narrowed to what whoever asks may be told. */
export interface Question<N extends MetricName> {
  readonly name: N
  readonly metric: Metric<unknown>
  readonly asked: Asked
  /** The metric's own options, as they were given. */
  readonly options: object
  /** It is about a tenant that whoever asks may not see: there is nothing. */
  readonly isForeign: boolean
}

/**
 * Checks a question, which may have come over a network.
 *
 * @throws AnnalsError ANNALS_INVALID for what is no question, ANNALS_DENIED for one that may not be answered
 */
export function readQuestion<N extends MetricName>(
  name: N,
  window: MetricQuery<N> | undefined,
  limit: MetricLimit | undefined,
): Question<N> {
  const metric = BY_NAME.get(name)
  if (metric === undefined) {
    throw new AnnalsError('ANNALS_INVALID', `There is no metric ${JSON.stringify(name)}.`, {
      path: '/metric',
      hint: didYouMean(String(name), METRIC_NAMES) ?? `Metrics are ${METRIC_NAMES.join(', ')}.`,
    })
  }
  const given: object = window ?? {}
  const asked = readWindow(given, metric.options)
  const own = Object.entries(given).filter(([member]) =>
    (metric.options as readonly string[]).includes(member),
  )
  const question = { name, metric, asked, options: Object.fromEntries(own), isForeign: false }
  return limit === undefined ? question : narrowed(question, limit)
}

function narrowed<N extends MetricName>(question: Question<N>, limit: MetricLimit): Question<N> {
  const { name, metric, asked } = question
  const withheld = metric.needs.find(need => limit.withheld.includes(need))
  if (withheld !== undefined)
    throw new AnnalsError(
      'ANNALS_DENIED',
      `The metric ${name} is made of ${withheld}, which are not shown to you.`,
    )
  const rank = Math.min(...[asked.visibility, limit.visibility].map(one => VISIBILITIES.indexOf(one)))
  const tenant = limit.tenant ?? asked.tenant
  return {
    ...question,
    asked: { ...asked, tenant, visibility: VISIBILITIES[rank] ?? 'public' },
    isForeign: asked.tenant !== undefined && asked.tenant !== tenant,
  }
}
