import { alignLists } from './diff-lists.ts'
import { isList, member, memberNames, sameJson } from './equal.ts'
import type { Change, Json } from './event.ts'
import { escapeSegment } from './pointer.ts'

/** Options of {@link diff}. */
export interface DiffOptions {
  /** Most changes to return, 1 or more. Above it deep places are reported whole, at their parents. @defaultValue 512 */
  readonly most?: number | undefined
  /** Members that identify an object within an array: elements with the same one are compared, not replaced. @defaultValue id, name, key */
  readonly identity?: readonly string[] | undefined
}

const IDENTITY: readonly string[] = ['id', 'name', 'key']

/**
 * What changed from one value to another, member by member and element by element, as an ordered list that
 * `applyChanges` replays. In an array the order is: changed elements and removals by their position before (removals
 * last first), then additions by their position after. A member that is null is there; a member that is missing or undefined
 * is not.
 *
 * @throws TypeError when `most` is no positive integer
 * @example
 * ```ts
 * diff({ name: 'web-3', tags: ['a'] }, { name: 'web-4', tags: ['a', 'b'] })
 * // [{ path: '/name', op: 'replace', before: 'web-3', after: 'web-4' }, { path: '/tags/1', op: 'add', after: 'b' }]
 * ```
 */
export function diff(before: Json, after: Json, options: DiffOptions = {}): Change[] {
  const most = options.most ?? 512
  if (!Number.isSafeInteger(most) || most < 1)
    throw new TypeError(`diff: most must be a positive integer, got ${most}`)
  const identity = options.identity ?? IDENTITY
  let changes: Change[] = []
  compare(changes, '', before, after, { depth: Number.POSITIVE_INFINITY, identity })
  if (changes.length <= most) return changes
  for (let depth = Math.min(8, deepest(changes) - 1); depth >= 0; depth -= 1) {
    changes = []
    compare(changes, '', before, after, { depth, identity })
    if (changes.length <= most) return changes
  }
  return changes
}

interface Rules {
  /** Below this many segments values are reported whole. */
  readonly depth: number
  readonly identity: readonly string[]
}

function compare(changes: Change[], path: string, before: Json, after: Json, rules: Rules): void {
  if (before === after) return
  const open =
    rules.depth > 0 &&
    typeof before === 'object' &&
    typeof after === 'object' &&
    before !== null &&
    after !== null
  if (open && isList(before) && isList(after)) compareLists(changes, path, before, after, deeper(rules))
  else if (open && !isList(before) && !isList(after))
    compareObjects(changes, path, before, after, deeper(rules))
  else if (!sameJson(before, after)) changes.push({ path, op: 'replace', before, after })
}

type Members = { readonly [key: string]: Json }

function compareObjects(
  changes: Change[],
  path: string,
  before: Members,
  after: Members,
  rules: Rules,
): void {
  for (const name of memberNames(before)) {
    const place = `${path}/${escapeSegment(name)}`
    const old = before[name] ?? null
    const now = member(after, name)
    if (now === undefined) changes.push({ path: place, op: 'remove', before: old })
    else compare(changes, place, old, now, rules)
  }
  for (const name of memberNames(after)) {
    if (member(before, name) === undefined)
      changes.push({ path: `${path}/${escapeSegment(name)}`, op: 'add', after: after[name] ?? null })
  }
}

function compareLists(
  changes: Change[],
  path: string,
  before: readonly Json[],
  after: readonly Json[],
  rules: Rules,
): void {
  const { pairs, removed, added } = alignLists(before, after, rules.identity)
  for (const [from, to] of pairs)
    compare(changes, `${path}/${from}`, before[from] ?? null, after[to] ?? null, rules)
  for (const at of removed.toReversed())
    changes.push({ path: `${path}/${at}`, op: 'remove', before: before[at] ?? null })
  for (const at of added) changes.push({ path: `${path}/${at}`, op: 'add', after: after[at] ?? null })
}

function deeper(rules: Rules): Rules {
  return { depth: rules.depth - 1, identity: rules.identity }
}

function deepest(changes: readonly Change[]): number {
  let depth = 1
  for (const { path } of changes) depth = Math.max(depth, path.split('/').length - 1)
  return depth
}
