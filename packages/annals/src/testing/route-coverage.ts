import { AssertionError } from 'node:assert'
import type { AuditEvent } from '../model/index.ts'
import { changesState, keyOf, nameOf, routeOf, type ServiceRoute } from './service-route.ts'

/** What {@link checkRouteCoverage} compares. */
export interface RouteCoverageOptions {
  /** Every route of the service. Those that change nothing (GET, HEAD, OPTIONS, TRACE) are passed over. */
  readonly routes: Iterable<ServiceRoute>
  /** What was recorded while every route was called, such as `trail.events()`. */
  readonly events:
    | Iterable<Pick<AuditEvent, 'action' | 'tags'>>
    | AsyncIterable<Pick<AuditEvent, 'action' | 'tags'>>
  /**
   * Which actions a route records: by `DELETE /v1/machine/{id}` or `api.v1.BootService/Register`. For events without the tags
   * `http.request.method` and `http.route`, or `rpc.service` and `rpc.method`, which say it themselves. @defaultValue none
   */
  readonly actions?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** Routes that change something and yet need no record, each with the reason. @defaultValue none */
  readonly exempt?: Readonly<Record<string, string>> | undefined
}

/**
 * Fails unless every route of a service that may change something has recorded an event; the message names each that has not. It
 * also fails for an exemption or action of a route that is not there, and for a route that is exempt and recorded, so that neither
 * list outlives its reason. Works in any test runner.
 *
 * @throws AssertionError
 * @example
 * ```ts
 * await checkRouteCoverage({ routes, events: trail.events(), exempt: { 'POST /v1/machine/find': 'only asks' } })
 * ```
 */
export async function checkRouteCoverage(options: RouteCoverageOptions): Promise<void> {
  const { actions = {}, exempt = {} } = options
  // By key, as it was written.
  const routes = new Map(
    [...options.routes]
      .filter(changesState)
      .map(nameOf)
      .map(name => [keyOf(name), name]),
  )
  if (routes.size === 0) fail('there is no route that changes something: is the list of routes complete?')
  const exempted = new Set(Object.keys(exempt).map(keyOf))
  const routesOf = routesByAction(actions)
  const recorded = new Map<string, string>()
  const ambiguous = new Set<string>()
  for await (const { action, tags } of options.events) {
    const own = routeOf(tags)
    const mapped = own === undefined ? (routesOf.get(action) ?? []) : [keyOf(nameOf(own))]
    if (mapped.length > 1) ambiguous.add(action)
    else for (const key of mapped) recorded.set(key, action)
  }
  const missing = [...routes].filter(([key]) => !recorded.has(key) && !exempted.has(key))
  const strangers = [...Object.keys(actions), ...Object.keys(exempt)].filter(name => !routes.has(keyOf(name)))
  const needless = [...exempted].filter(key => recorded.has(key) && routes.has(key))
  const problems = [
    ...listed(
      `${missing.length} of ${routes.size} routes that change something recorded nothing`,
      missing.map(([, name]) => name),
    ),
    ...listed(
      'recorded by several routes, so their events need the tags of the request',
      missing.length === 0 ? [] : [...ambiguous],
    ),
    ...listed('named, but no route that changes something', strangers),
    ...listed(
      'exempt, but recorded',
      needless.map(key => `${routes.get(key)}: ${recorded.get(key)}`),
    ),
    ...listed(
      'exempt without a reason',
      Object.keys(exempt).filter(name => exempt[name]?.trim() === ''),
    ),
  ]
  if (problems.length > 0) fail(problems.join('\n'))
}

/** The keys of the routes that record an action. */
function routesByAction(
  actions: Readonly<Record<string, string | readonly string[]>>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>()
  for (const [name, of] of Object.entries(actions)) {
    for (const action of typeof of === 'string' ? [of] : of)
      found.set(action, (found.get(action) ?? new Set()).add(keyOf(name)))
  }
  return new Map([...found].map(([action, keys]) => [action, [...keys]]))
}

function listed(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}:`, ...names.map(name => `  ${name}`)]
}

function fail(message: string): never {
  throw new AssertionError({ message, stackStartFn: checkRouteCoverage })
}
