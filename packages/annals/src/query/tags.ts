import type { AuditEvent } from '../model/index.ts'
import type { FieldKey } from './field.ts'
import { fold } from './fold.ts'

/** The values of the tags with a key; of several, when its case is ignored. */
export function tagValues(event: AuditEvent, key: FieldKey): readonly string[] {
  const tags = event.tags ?? {}
  if (!key.fold) return Object.hasOwn(tags, key.name) ? [tags[key.name] ?? ''] : []
  const wanted = fold(key.name)
  return Object.entries(tags).flatMap(([name, value]) => (fold(name) === wanted ? [value] : []))
}
