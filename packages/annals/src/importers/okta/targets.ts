import type { Change, Note } from '../../model/index.ts'
import { changesBetween } from '../changes.ts'
import { type Fields, fieldsOf, isFields, listOf, Targets, without } from '../fields.ts'
import { isPerson, nameOf, typeOf } from './identity.ts'
import { knownOf } from './members.ts'

/** Targets in the order of the source. What has no id is known by its name, unless it is a person: names of persons are no ids. */
export function targetsOf(record: Fields): Pick<Targets, 'all' | 'notes'> {
  const targets = new Targets()
  for (const target of listOf(record['target']).filter(isFields)) {
    const type = typeOf(target['type']) ?? 'unknown'
    const name = nameOf(target)
    const id = knownOf(target['id'])
    if (id !== undefined) targets.add(type, id, { name })
    else if (!isPerson(target)) targets.add(type, name)
  }
  return targets
}

/** What changed, and what of `target` is left for `data`. */
export interface FoundChanges {
  readonly changes: readonly Change[]
  readonly left: unknown
  readonly notes: readonly Note[]
}

/**
 * `changeDetails` of the targets, `from` against `to`. Paths are those within the target that changed, such as
 * `/vpnLocationOptions`; where several did, they begin with the target's position: `/target/0/vpnLocationOptions`. What `changes`
 * holds leaves `data`: the `from` side.
 */
export function changesOf(record: Fields): FoundChanges {
  const given = record['target']
  const none = { changes: [], left: given, notes: [] }
  const sides = listOf(given).flatMap((target, at) => {
    const { from, to } = fieldsOf(fieldsOf(target)['changeDetails'])
    if (!isSide(from) || !isSide(to) || (!isFields(from) && !isFields(to))) return []
    return [{ at, from: fieldsOf(from), to: fieldsOf(to), hadFrom: isFields(from) }]
  })
  const [only, ...more] = sides
  if (only === undefined) return none
  const side = (which: 'from' | 'to'): Fields =>
    more.length === 0 ? only[which] : { target: Object.fromEntries(sides.map(one => [one.at, one[which]])) }
  const changes = changesBetween(side('from'), side('to'))
  if (changes === undefined) {
    const reason = 'the changes of the source record are too many or too deep; they are only in data'
    return { ...none, notes: [{ path: '/changes', reason }] }
  }
  const told = new Set(sides.filter(({ hadFrom }) => hadFrom).map(({ at }) => at))
  const left = listOf(given).map((target, at) =>
    told.has(at) && isFields(target)
      ? { ...target, changeDetails: without(fieldsOf(target['changeDetails']), new Set(['from'])) ?? {} }
      : target,
  )
  return { changes, left, notes: [] }
}

/** An object, or nothing: null stands for no members. */
function isSide(value: unknown): boolean {
  return value === undefined || value === null || isFields(value)
}
