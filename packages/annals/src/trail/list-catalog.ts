import type { Catalog } from '../catalog/index.ts'
import type { Visibility } from '../model/index.ts'
import { entriesFor } from './disclosable.ts'
import type { CatalogListing, Counts } from './trail.ts'

/** The event types that a level may see, and every other action that was counted. */
export function listCatalog(
  catalog: Catalog,
  level: Visibility,
  { groups }: Pick<Counts, 'groups'>,
): readonly CatalogListing[] {
  const counts = new Map(groups.map(group => [group.key['action'] as string, group.count]))
  const declared = entriesFor(catalog.entries(), level).map(entry => ({
    ...entry,
    events: counts.get(entry.action) ?? 0,
    declared: true,
  }))
  const known = new Set(declared.map(entry => entry.action))
  const seen = [...counts]
    .filter(([action]) => !known.has(action))
    .map(([action, events]) => ({ action, version: 1, events, declared: false }))
  return [...declared, ...seen].sort((a, b) => (a.action < b.action ? -1 : 1))
}
