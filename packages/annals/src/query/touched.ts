import type { Field } from './field.ts'
import { fieldNamed } from './find-field.ts'
import { headerOnly } from './header-only.ts'
import type { Resolved } from './resolved.ts'
import { levelOf, type Scope, scopesOf } from './scope.ts'

/** How masks may change what a filter finds: not at all, by taking values away, or by putting another in place. */
export type Touched = 'no' | 'less' | 'other'

/** Fields that free text looks at, see searchedTexts. */
const TEXT_READS = ['/actor', '/targets', '/description', '/outcome', '/tags']
/** Where an event type may keep its part `internal` (catalog/parts.ts). */
const INTERNAL_PLACES =
  'data tags targets changes topics tenant project description source backfill notes truncated outcome'
    .split(' ')
    .map(head => `/${head}`)

/**
 * How the masks of a scope may touch a filter or words of a query; undefined when they touch nothing.
 *
 * @example
 * ```ts
 * touchedBy({ filter: '', level: 'operator', masks: [{ paths: ['/origin/ip'] }] })
 * ```
 */
export function touchedBy(scope: Scope): ((leaf: Resolved) => Touched) | undefined {
  const paths = scopesOf(scope).flatMap(({ masks }) => masks.flatMap(mask => mask.paths))
  if (levelOf(scope) !== 'operator') paths.push(...INTERNAL_PLACES)
  if (paths.length === 0) return undefined
  return leaf => {
    if (headerOnly(leaf)) return 'no'
    const reads =
      leaf.kind === 'words' ? TEXT_READS : leaf.kind === 'filter' ? readsOf(fieldNamed(leaf.field)) : []
    if (!reads.some(read => paths.some(path => overlap(read, path)))) return 'no'
    return paths.includes('/actor') && reads.some(read => overlap(read, '/actor')) ? 'other' : 'less'
  }
}

/** A flag may look at anything. */
function readsOf(field: Field): readonly string[] {
  return field.reads ?? ['']
}

function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}
