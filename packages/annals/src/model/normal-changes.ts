import type { Change, Json } from './event.ts'
import { copyJson } from './json-copy.ts'
import type { Mutable } from './mutable.ts'
import { takeArray, takePointer, takeWord } from './normal-fields.ts'
import { isPlain } from './own.ts'
import { kindOf, refuse, refuseUnknown, type Walk } from './walk.ts'

const OPS: readonly Change['op'][] = ['add', 'remove', 'replace']
/** The event is 1, `changes` 2, one change 3. */
const VALUE_DEPTH = 4

/** The changes, or undefined when there are none. */
export function takeChanges(walk: Walk, value: unknown): readonly Change[] | undefined {
  const given = takeArray(walk, 'changes', value, walk.limits.changes)
  walk.path.push('changes')
  const changes: Change[] = []
  for (let at = 0; at < given.length; at += 1) changes.push(readChange(walk, at, given[at]))
  walk.path.pop()
  return changes.length === 0 ? undefined : changes
}

function readChange(walk: Walk, at: number, value: unknown): Change {
  if (!isPlain(value)) return refuse(walk, at, `must be an object, got ${kindOf(value)}`)
  walk.path.push(at)
  const change: Mutable<Change> = {
    path: takePointer(walk, 'path', value['path']),
    op: takeWord(walk, 'op', value['op'], OPS),
  }
  for (const name of Object.keys(value)) {
    if (name === 'path' || name === 'op') continue
    const member = value[name]
    if (member === undefined) continue
    if (name === 'before' || name === 'after') change[name] = copyJson(walk, name, member, VALUE_DEPTH)
    else if (name === 'masked')
      change.masked = member === true ? true : refuse(walk, name, 'must be true or left out')
    else refuseUnknown(walk, name, ['path', 'op', 'before', 'after', 'masked'])
  }
  checkValues(walk, change)
  walk.path.pop()
  return change
}

/** An addition has no `before`, a removal no `after`; the other values are there unless they were masked. */
function checkValues(
  walk: Walk,
  change: { readonly op: Change['op']; before?: Json; after?: Json; masked?: true },
): void {
  const { op, before, after, masked } = change
  if (op === 'add') {
    if (before !== undefined) refuse(walk, 'before', 'an addition has no value before')
  } else if (before === undefined && masked !== true)
    refuse(walk, 'before', `is required for ${op}`, 'send null for null; set masked when withheld')
  if (op === 'remove') {
    if (after !== undefined) refuse(walk, 'after', 'a removal has no value after')
  } else if (after === undefined && masked !== true)
    refuse(walk, 'after', `is required for ${op}`, 'send null for null; set masked when withheld')
}
