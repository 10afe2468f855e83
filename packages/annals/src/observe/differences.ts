import { type Change, diff, type Json } from '../model/index.ts'
import type { KeptState } from './kept-states.ts'

/** How a thing is other than it was known to be. */
export interface Difference {
  readonly kind: 'created' | 'changed' | 'removed'
  readonly key: string
  /** Absent of what is removed. */
  readonly state?: Json
  readonly changes: readonly Change[]
}

/** What differs between known states and found ones, in the order of the found, then what is gone. */
export function* differences(
  known: ReadonlyMap<string, KeptState>,
  found: ReadonlyMap<string, Json>,
): Generator<Difference, void, undefined> {
  for (const [key, state] of found) {
    const before = known.get(key)
    const changes = diff(before?.state ?? {}, state)
    if (before === undefined) yield { kind: 'created', key, state, changes }
    else if (changes.length > 0) yield { kind: 'changed', key, state, changes }
  }
  for (const [key, { state }] of known)
    if (!found.has(key)) yield { kind: 'removed', key, changes: diff(state, {}) }
}
