import { REQUEST_TAGS } from '../policy/index.ts'
import { segmentsOf } from '../policy/segments.ts'

/** A route of a service: HTTP method and route template, or gRPC service and method. */
export type ServiceRoute =
  | { readonly method: string; readonly route: string }
  | { readonly service: string; readonly rpc: string }

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const PARAMETER = /^[{:<*]/

/** Whether a route may change something; of gRPC, which does not say it, every method may. */
export function changesState(route: ServiceRoute): boolean {
  return 'rpc' in route || !SAFE.has(route.method.toUpperCase())
}

/** A route as people write it: `DELETE /v1/machine/{id}`, `api.v1.BootService/Register`. */
export function nameOf(route: ServiceRoute): string {
  return 'rpc' in route ? `${route.service}/${route.rpc}` : `${route.method.toUpperCase()} ${route.route}`
}

/**
 * A name such that two spellings of one route have the same: frameworks write a parameter in their own way (`:id`, `{id}`, `<id>`),
 * and slashes at the ends as they like.
 */
export function keyOf(name: string): string {
  const at = name.indexOf(' ')
  if (at < 0) return name
  const path = segmentsOf(name.slice(at + 1).trim(), '/').map(one => (PARAMETER.test(one) ? '*' : one))
  return `${name.slice(0, at).toUpperCase()} /${path.join('/')}`
}

/** The route that an event was recorded for, by its tags; undefined when they do not say it. */
export function routeOf(tags: Readonly<Record<string, string>> | undefined): ServiceRoute | undefined {
  const method = tags?.[REQUEST_TAGS.method]
  const route = tags?.[REQUEST_TAGS.route]
  const service = tags?.[REQUEST_TAGS.service]
  const rpc = tags?.[REQUEST_TAGS.rpc]
  if (service !== undefined && rpc !== undefined) return { service, rpc }
  return method === undefined || route === undefined ? undefined : { method, route }
}
