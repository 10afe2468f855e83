import { type Catalog, INTERNAL_PART } from '../catalog/index.ts'
import type { Meter, MetricLimit, MetricReader } from '../measure/index.ts'
import { AnnalsError } from '../model/index.ts'
import { levelOf, parseQuery, type Scope, scopesOf } from '../query/index.ts'

type Withheld = MetricLimit['withheld'][number]

/** Where in an event lies what metrics are made of and a scope can withhold. */
const PLACES: readonly (readonly [need: Withheld, place: string])[] = [
  ['actors', '/actor'],
  ['targets', '/targets'],
  ['durations', '/outcome/durationMs'],
]

/**
 * The metrics that one with this scope may see. They are counted by topic, tenant and visibility, so the filter of the scope must
 * be empty, or exactly one tenant (`tenant=acme`). Any other scope is shown none: better nothing than what others did.
 */
export function metricsWithin(meter: Meter, scope: Scope, catalog: Catalog): MetricReader {
  return meter.reader(() => {
    const tenants = tenantsOfAll(scope)
    if (tenants !== undefined)
      return { tenant: tenants[0], visibility: levelOf(scope), withheld: withheldFrom(scope, catalog) }
    throw new AnnalsError('ANNALS_DENIED', 'Metrics are counted by tenant, not by what you may see.', {
      hint: 'Count events with a query instead.',
    })
  })
}

/** The same of a scope and all that it is within: they must be of one tenant. */
function tenantsOfAll(scope: Scope): readonly [] | readonly [string] | undefined {
  const each = scopesOf(scope).map(tenantsOf)
  if (each.includes(undefined)) return undefined
  const [tenant, ...others] = new Set(each.flatMap(one => one ?? []))
  if (others.length > 0) return undefined
  return tenant === undefined ? [] : [tenant]
}

/** The one tenant that the scope is of; none when it is of all; undefined when its filter is about something else. */
function tenantsOf({ filter }: Scope): readonly [] | readonly [string] | undefined {
  const query = parseQuery(filter)
  if (query.kind === 'all') return []
  if (query.kind !== 'filter' || query.field !== 'tenant' || query.op !== '=') return undefined
  const [value, another] = query.values
  return value?.kind === 'text' && another === undefined ? [value.text] : undefined
}

function withheldFrom(scope: Scope, catalog: Catalog): readonly Withheld[] {
  const internal =
    levelOf(scope) === 'operator'
      ? []
      : catalog.entries().flatMap(({ parts }) => parts?.[INTERNAL_PART] ?? [])
  const masks = scopesOf(scope).flatMap(one => one.masks)
  const paths = [...masks.flatMap(mask => mask.paths), ...internal]
  return PLACES.filter(([, place]) => paths.some(path => within(place, path) || within(path, place))).map(
    ([need]) => need,
  )
}

function within(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}
