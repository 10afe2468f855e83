import { isPointer, parsePointer } from '../model/index.ts'

/** A pointer to a person, and the type of that person; absent, the first person type of the catalog. */
export interface PersonPointer {
  readonly pointer: string
  readonly type?: string
}

/** Further parts of an event: by name, the pointers of the fields that go there instead of to `what`. */
export type Parts = Readonly<Record<string, readonly string[]>>

/** Name of the part that only operators may see. */
export const INTERNAL_PART = 'internal'

/** Fields that may move to a part as a whole. Of `data` and `tags` also single members may. */
const MOVABLE: ReadonlySet<string> = new Set([
  'data',
  'tags',
  'targets',
  'changes',
  'topics',
  'tenant',
  'project',
  'description',
  'source',
  'backfill',
  'notes',
  'truncated',
])
const PERSONAL: ReadonlySet<string> = new Set([...MOVABLE, 'outcome', 'actor', 'origin'])

/**
 * Checks the parts of an event type and joins `internal` to them.
 *
 * @throws TypeError for a bad name, a pointer that cannot move, or pointers that overlap
 */
export function checkParts(
  where: string,
  parts: Parts | undefined,
  internal: readonly string[] | undefined,
): Parts {
  const all: Record<string, readonly string[]> = {}
  for (const [name, pointers] of Object.entries(parts ?? {})) {
    if (!/^[a-z]{1,16}$/.test(name)) throw new TypeError(`${where}: part '${name}': names match [a-z]{1,16}`)
    if (name === 'who' || name === 'what') throw new TypeError(`${where}: part '${name}' is the log's own`)
    if (name === INTERNAL_PART) throw new TypeError(`${where}: use the option internal for that part`)
    all[name] = Object.freeze([...pointers])
  }
  if (internal !== undefined) all[INTERNAL_PART] = Object.freeze([...internal])
  const seen: string[] = []
  for (const [name, pointers] of Object.entries(all)) {
    if (pointers.length === 0) throw new TypeError(`${where}: part '${name}' has no pointers`)
    for (const pointer of pointers) {
      checkMovable(`${where}: part '${name}'`, pointer)
      const other = seen.find(earlier => covers(earlier, pointer) || covers(pointer, earlier))
      if (other !== undefined)
        throw new TypeError(`${where}: part pointers '${other}' and '${pointer}' overlap`)
      seen.push(pointer)
    }
  }
  return Object.freeze(all)
}

/**
 * Checks the person pointers of an event type.
 *
 * @throws TypeError for something that is no pointer into an event
 */
export function checkPersons(
  where: string,
  persons: readonly (string | PersonPointer)[] | undefined,
): readonly PersonPointer[] {
  return Object.freeze(
    (persons ?? []).map(given => {
      const person = typeof given === 'string' ? { pointer: given } : { ...given }
      const head =
        typeof person.pointer === 'string' && isPointer(person.pointer)
          ? parsePointer(person.pointer)[0]
          : undefined
      if (head === undefined || !PERSONAL.has(head)) {
        throw new TypeError(
          `${where}: persons: '${String(person.pointer)}' does not point into an event, as '/data/ownerId' does`,
        )
      }
      if (person.type !== undefined && (typeof person.type !== 'string' || person.type === '')) {
        throw new TypeError(`${where}: persons: the type of '${person.pointer}' must be a text`)
      }
      return Object.freeze(person)
    }),
  )
}

/** Whether a pointer is another or an ancestor of it. */
export function covers(ancestor: string, pointer: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`)
}

function checkMovable(where: string, pointer: string): void {
  if (pointer === '/outcome/message' || pointer === '/outcome/code') return
  const segments = typeof pointer === 'string' && isPointer(pointer) ? parsePointer(pointer) : []
  const [head, ...rest] = segments
  if (head === undefined || !MOVABLE.has(head)) {
    throw new TypeError(
      `${where}: '${String(pointer)}' cannot move to a part; these can: ${[...MOVABLE].join(', ')}, outcome/message, outcome/code`,
    )
  }
  if (rest.length > 0 && head !== 'data' && head !== 'tags')
    throw new TypeError(`${where}: '/${head}' can only move as a whole`)
}
