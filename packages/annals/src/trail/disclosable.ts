import { type Catalog, type CatalogEntry, INTERNAL_PART } from '../catalog/index.ts'
import { type AuditEvent, VISIBILITIES, type Visibility } from '../model/index.ts'
import { compileSearch, levelOf, type Scope, scopesOf } from '../query/index.ts'

const WHO = ['/actor', '/origin']

/**
 * Names of the parts of an event that hold nothing withheld from one with this scope: a part is disclosed whole or not at all.
 *
 * @param event as the scope shows it
 */
export function disclosable(event: AuditEvent, scope: Scope, catalog: Catalog): readonly string[] | 'all' {
  const paths = scopesOf(scope).flatMap(one =>
    one.masks
      .filter(({ unless }) => unless === undefined || !meets(event, unless, one))
      .flatMap(mask => mask.paths),
  )
  const isOperator = levelOf(scope) === 'operator'
  if (paths.length === 0 && isOperator) return 'all'
  const names: string[] = []
  if (!paths.some(path => within(path, WHO))) names.push('who')
  if (!paths.some(path => !within(path, WHO))) {
    names.push('what')
    // What a mask names may lie in any other part.
    const further = Object.keys(catalog.get(event.action)?.parts ?? {})
    names.push(...further.filter(name => name !== INTERNAL_PART || isOperator))
  }
  return names
}

/** The entries of a catalog that one with this level may know of, without what is internal. */
export function entriesFor(entries: readonly CatalogEntry[], level: Visibility): readonly CatalogEntry[] {
  if (level === 'operator') return entries
  const rank = VISIBILITIES.indexOf(level)
  return entries
    .filter(({ visibility = 'owner' }) => VISIBILITIES.indexOf(visibility) <= rank)
    .map(({ parts, ...entry }) => {
      const { [INTERNAL_PART]: _, ...shown } = parts ?? {}
      return Object.keys(shown).length === 0 ? entry : { ...entry, parts: shown }
    })
}

function meets(event: AuditEvent, query: string, { me }: Scope): boolean {
  const search = { query, now: 0, timeZone: 'UTC', includeLog: true, me, from: 0, to: 0 }
  return compileSearch(search).matches(event)
}

function within(path: string, places: readonly string[]): boolean {
  return places.some(place => path === place || path.startsWith(`${place}/`))
}
