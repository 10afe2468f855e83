import { isPointer, parsePointer } from '../../model/index.ts'
import { alternatives, type OneOrMore } from '../match.ts'
import type { At, Reading } from '../reading.ts'
import { compileSegments, type SegmentTest } from '../segments.ts'

/**
 * What becomes of a value. `drop`: it is left out. `hash`: its keyed hash takes its place, so that equal values stay findable.
 * `truncate`: a text is cut to a number of bytes. `keep`: nothing, also where something else is the default.
 */
export type MaskAction = 'drop' | 'hash' | 'keep' | { readonly truncate: number }

/** A mask action as a definition spells it; `truncate` alone keeps `TRUNCATED_BYTES`. */
export type GivenAction = MaskAction | 'truncate'

/** For how long equal values have equal hashes. */
export type HashPeriod = 'day' | 'month' | 'year'

/** What is masked in events of certain actions. */
export interface EventMask {
  /** Actions by whole segments, as rules match them. */
  readonly action: OneOrMore
  /**
   * JSON pointers into the event, `*` for any member or element, with an action or the name of a class. `/changes/~1owner`
   * means both values of the change at `/owner`.
   */
  readonly pointers: Readonly<Record<string, GivenAction | (string & {})>>
}

/** What a policy masks. */
export interface MaskDefinition {
  /** What becomes of values whose name is on the list of secrets. @defaultValue `drop` */
  readonly secrets?: GivenAction | undefined
  /** Further names, or other actions for names on the list, such as `tokenCount: keep`. */
  readonly names?: Readonly<Record<string, GivenAction>> | undefined
  /** Classifications of values, such as `personal: hash`. */
  readonly classes?: Readonly<Record<string, GivenAction>> | undefined
  readonly events?: readonly EventMask[] | undefined
  /** The key of hashes changes with it. @defaultValue it never does */
  readonly hashPeriod?: HashPeriod | undefined
}

/** A pointer and what becomes of the value there. */
export interface PointerRule {
  readonly segments: readonly string[]
  readonly action: MaskAction
}

/** A mask definition that was checked. */
export interface MaskRules {
  readonly secrets: MaskAction
  readonly names: ReadonlyMap<string, MaskAction>
  readonly events: readonly { readonly fits: SegmentTest; readonly pointers: readonly PointerRule[] }[]
  readonly hashPeriod: HashPeriod | undefined
}

/** Bytes that `truncate` keeps unless told. */
export const TRUNCATED_BYTES = 32

/** What pointers may point into: content that producers send, never what identifies an event or finds a person's parts. */
const HEADS: ReadonlySet<string> = new Set(['data', 'changes', 'tags', 'origin', 'description'])
const SINGLE: ReadonlySet<string> = new Set([
  '/outcome/message',
  '/outcome/code',
  '/actor/name',
  '/actor/credential/id',
])
const WORDS = ['drop', 'hash', 'truncate', 'keep'] as const

/** Reads the masks of a policy; absent, the list of secrets is dropped. */
export function readMask(reading: Reading, at: At, value: unknown): MaskRules {
  const known = ['secrets', 'names', 'classes', 'events', 'hashPeriod']
  const given = value === undefined ? {} : (reading.object(at, value, known) ?? {})
  const classes = readActions(reading, [...at, 'classes'], given['classes'])
  for (const name of classes.keys())
    if ((WORDS as readonly string[]).includes(name))
      reading.refuse([...at, 'classes', name], 'a class cannot have the name of an action')
  const events = given['events'] === undefined ? [] : reading.list([...at, 'events'], given['events'])
  return {
    secrets:
      given['secrets'] === undefined ? 'drop' : readAction(reading, [...at, 'secrets'], given['secrets']),
    names: readActions(reading, [...at, 'names'], given['names']),
    events: events.map((one, index) => readEvent(reading, [...at, 'events', index], one, classes)),
    hashPeriod:
      given['hashPeriod'] === undefined
        ? undefined
        : reading.word([...at, 'hashPeriod'], given['hashPeriod'], ['day', 'month', 'year'] as const),
  }
}

function readEvent(
  reading: Reading,
  at: At,
  value: unknown,
  classes: ReadonlyMap<string, MaskAction>,
): MaskRules['events'][number] {
  const given = reading.object(at, value, ['action', 'pointers']) ?? {}
  if (given['action'] === undefined) reading.refuse([...at, 'action'], 'is required')
  const isAction = (text: string): boolean => /^[^.\s]+(?:\.[^.\s]+)*$/.test(text)
  const actions =
    reading.texts([...at, 'action'], given['action'], isAction, 'an action, such as user.login') ?? []
  const tests = alternatives(actions).map(action => compileSegments(action, '.'))
  const pointers: PointerRule[] = []
  const place = [...at, 'pointers']
  const listed = given['pointers'] === undefined ? {} : (reading.map(place, given['pointers']) ?? {})
  if (given['pointers'] === undefined) reading.refuse(place, 'is required')
  for (const [pointer, wanted] of Object.entries(listed)) {
    const action =
      (typeof wanted === 'string' ? classes.get(wanted) : undefined) ??
      readAction(reading, [...place, pointer], wanted, classes)
    if (isMaskable(pointer)) pointers.push({ segments: parsePointer(pointer), action })
    else
      reading.refuse(
        [...place, pointer],
        'cannot be masked',
        `what can: members of /${[...HEADS].join(', /')}; ${[...SINGLE].join(', ')}`,
      )
  }
  return { fits: action => tests.some(test => test(action)), pointers }
}

function isMaskable(pointer: string): boolean {
  if (SINGLE.has(pointer)) return true
  return isPointer(pointer) && HEADS.has(parsePointer(pointer)[0] ?? '')
}

function readActions(reading: Reading, at: At, value: unknown): ReadonlyMap<string, MaskAction> {
  const given = value === undefined ? {} : (reading.map(at, value) ?? {})
  return new Map(Object.entries(given).map(([name, one]) => [name, readAction(reading, [...at, name], one)]))
}

function readAction(
  reading: Reading,
  at: At,
  value: unknown,
  classes?: ReadonlyMap<string, MaskAction>,
): MaskAction {
  if (typeof value === 'object' && value !== null) {
    const bytes = reading.object(at, value, ['truncate'])?.['truncate']
    return { truncate: reading.count([...at, 'truncate'], bytes, 'bytes') ?? TRUNCATED_BYTES }
  }
  const word = WORDS.find(one => one === value)
  if (word === undefined) reading.word(at, value, [...WORDS, ...(classes?.keys() ?? [])])
  return word === 'truncate' ? { truncate: TRUNCATED_BYTES } : (word ?? 'drop')
}
