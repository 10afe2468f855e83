import { isList, member } from './equal.ts'
import { AnnalsError } from './errors.ts'
import type { Change, Json } from './event.ts'
import { setOwn } from './own.ts'
import { arrayPosition, isPointer, parsePointer } from './pointer.ts'

/**
 * The value after some changes, applied in order: `add` inserts into arrays, `remove` closes the gap. Nothing given is
 * mutated; unchanged subtrees are shared.
 *
 * @throws AnnalsError ANNALS_INVALID when a place is not there, or its value was masked
 * @example
 * ```ts
 * applyChanges({ a: 1 }, [{ path: '/b', op: 'add', after: 2 }]) // { a: 1, b: 2 }
 * ```
 */
export function applyChanges(before: Json, changes: readonly Change[]): Json {
  let value = before
  for (const change of changes) {
    if (!isPointer(change.path)) throw misfit(change, 'is not a JSON pointer')
    value = applyAt(value, parsePointer(change.path), 0, change)
  }
  return value
}

function applyAt(value: Json, segments: readonly string[], from: number, change: Change): Json {
  const segment = segments[from]
  if (segment === undefined) {
    if (change.op !== 'replace') throw misfit(change, `cannot ${change.op} the whole value`)
    return afterOf(change)
  }
  if (typeof value !== 'object' || value === null) throw misfit(change, 'is not there')
  const last = from === segments.length - 1
  if (isList(value)) {
    const position = arrayPosition(segment)
    if (position === undefined || position > value.length) throw misfit(change, 'is not there')
    if (last && change.op === 'add') return value.toSpliced(position, 0, afterOf(change))
    const element = value[position]
    if (element === undefined) throw misfit(change, 'is not there')
    if (last && change.op === 'remove') return value.toSpliced(position, 1)
    return value.with(position, applyAt(element, segments, from + 1, change))
  }
  const old = member(value, segment)
  if (last && change.op === 'add') return withMember(value, segment, afterOf(change))
  if (old === undefined) throw misfit(change, 'is not there')
  if (last && change.op === 'remove') return withMember(value, segment, undefined)
  return withMember(value, segment, applyAt(old, segments, from + 1, change))
}

function withMember(value: { readonly [key: string]: Json }, name: string, next: Json | undefined): Json {
  const copy: Record<string, Json> = {}
  for (const key of Object.keys(value)) if (key !== name) setOwn(copy, key, value[key] ?? null)
  if (next !== undefined) setOwn(copy, name, next)
  return copy
}

function afterOf(change: Change): Json {
  if (change.after === undefined) throw misfit(change, 'has no value after: it was masked')
  return change.after
}

function misfit(change: Change, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `change ${change.op} '${change.path}': the place ${what}`, {
    path: change.path,
  })
}
