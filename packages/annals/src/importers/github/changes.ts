import { type Change, escapeSegment, type Note } from '../../model/index.ts'
import { changesBetween } from '../changes.ts'
import { type Fields, fieldsOf } from '../fields.ts'

/** What changed, and the members with the values before, which `changes` holds whole. */
export interface FoundChanges {
  readonly changes: readonly Change[]
  readonly used: readonly string[]
  readonly notes: readonly Note[]
}

/**
 * What an action changed, at `/<member>`. GitHub tells the value before in a member of its own: `active_was`, `events_were`,
 * `old_name`, `ruleset_old_enforcement`, `previous_visibility`; the value after is in `active`, `new_name` or `current_visibility`.
 * A value before without one after makes no change: what it became is not said. `changes: {<member>: {from, to}}` is
 * understood, too.
 */
export function changesOf(record: Fields): FoundChanges {
  const pairs = new Map<string, readonly [before: unknown, after: unknown]>()
  for (const [name, value] of Object.entries(fieldsOf(record['changes']))) {
    const { from, to } = fieldsOf(value)
    if (from !== undefined && to !== undefined) pairs.set(name, [from, to])
  }
  const befores: (readonly [name: string, key: string])[] = []
  for (const fields of [record, fieldsOf(record['data'])]) {
    for (const [key, before] of Object.entries(fields)) {
      const name = nameBefore(key)
      const after = name === undefined ? undefined : afterOf(fields, name)
      if (name === undefined || after === undefined || pairs.has(name)) continue
      pairs.set(name, [before, after])
      if (fields === record) befores.push([name, key])
    }
  }
  if (pairs.size === 0) return { changes: [], used: [], notes: [] }
  const side = (which: 0 | 1): Fields =>
    Object.fromEntries([...pairs].map(([name, pair]) => [name, pair[which]]))
  const changes = changesBetween(side(0), side(1))
  if (changes !== undefined) {
    // Where nothing changed the member stays: no change tells what it said.
    const isChanged = (name: string): boolean => {
      const place = `/${escapeSegment(name)}`
      return changes.some(({ path }) => path === place || path.startsWith(`${place}/`))
    }
    return { changes, used: befores.filter(([name]) => isChanged(name)).map(([, key]) => key), notes: [] }
  }
  const reason = 'the changes of the source record are too many or too deep; they are only in data'
  return { changes: [], used: [], notes: [{ path: '/changes', reason }] }
}

/** The member whose value before a member has, by its name. */
function nameBefore(key: string): string | undefined {
  const suffixed = /^(.+)_(?:was|were)$/.exec(key)
  if (suffixed !== null) return suffixed[1]
  const prefixed = /^(|.+_)(?:old|previous)_(.+)$/.exec(key)
  return prefixed === null ? undefined : `${prefixed[1]}${prefixed[2]}`
}

function afterOf(fields: Fields, name: string): unknown {
  for (const key of [`new_${name}`, `current_${name}`, name])
    if (Object.hasOwn(fields, key) && fields[key] !== undefined) return fields[key]
  return undefined
}
