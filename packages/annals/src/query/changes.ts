import type { Change, Json } from '../model/index.ts'

/**
 * What finds a change: its JSON pointer (RFC 6901) and each pointer above it, and the same places in dotted form.
 *
 * @example
 * ```ts
 * changedNames([{ path: '/spec/owner', op: 'replace' }]) // ['/spec', 'spec', '/spec/owner', 'spec.owner']
 * ```
 */
export function changedNames(changes: readonly Change[] = []): string[] {
  const names: string[] = []
  for (const { path } of changes) {
    if (!path.startsWith('/')) continue
    let dotted = ''
    for (let at = 1, slash = 0; slash >= 0; at = slash + 1) {
      slash = path.indexOf('/', at)
      const end = slash < 0 ? path.length : slash
      dotted += (dotted === '' ? '' : '.') + unescaped(path.slice(at, end))
      names.push(path.slice(0, end), dotted)
    }
  }
  return names
}

/** The places of {@link changedNames} in dotted form only. */
export function changedPlaces(changes: readonly Change[] | undefined): readonly string[] {
  return changes === undefined ? NONE : changedNames(changes).filter((_, at) => at % 2 === 1)
}

/** The dotted form of a JSON pointer or of the beginning of one; other texts as they are. */
export function dottedPlace(text: string): string {
  return text.startsWith('/') ? segments(text).join('.') : text
}

const NONE: readonly string[] = []

/**
 * The scalars that stood, or stand, at a place: of a change of exactly that place or of one above it. Lists give
 * their scalar elements. The place is a JSON pointer, or member names joined by dots.
 *
 * @example
 * ```ts
 * changedValues([{ path: '/spec', op: 'add', after: { owner: 'umbra' } }], 'spec.owner', 'after') // ['umbra']
 * ```
 */
export function changedValues(
  changes: readonly Change[] | undefined,
  place: string,
  side: 'before' | 'after',
): string[] {
  const wanted = place.startsWith('/') ? segments(place) : place.split('.')
  return (changes ?? []).flatMap(change => {
    const value = change[side]
    const path = segments(change.path)
    if (value === undefined || path.some((name, at) => name !== wanted[at])) return []
    return scalars(descend(value, wanted.slice(path.length)))
  })
}

function segments(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescaped)
}

function unescaped(segment: string): string {
  return segment.includes('~') ? segment.replaceAll('~1', '/').replaceAll('~0', '~') : segment
}

function descend(value: Json, path: readonly string[]): Json | undefined {
  let at: Json | undefined = value
  for (const name of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, Json>>)[name]
  }
  return at
}

function scalars(value: Json | undefined): string[] {
  if (value === undefined) return []
  const list: readonly Json[] = Array.isArray(value) ? value : [value]
  return list.flatMap(item => (item !== null && typeof item === 'object' ? [] : [String(item)]))
}
