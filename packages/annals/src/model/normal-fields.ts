import { isLogAction, isPath } from './action.ts'
import type { Backfill, Note, Outcome, OutcomeResult, Phase, Source, Target } from './event.ts'
import { OUTCOME_RESULTS } from './event.ts'
import { takeInstant } from './instant.ts'
import type { Mutable } from './mutable.ts'
import { nearest } from './nearest.ts'
import { isPlain, setOwn } from './own.ts'
import { isPointer } from './pointer.ts'
import {
  exceed,
  kindOf,
  refuse,
  refuseUnknown,
  takeIdentifier,
  takeShort,
  takeText,
  type Walk,
} from './walk.ts'

const RESULTS: ReadonlySet<unknown> = new Set(OUTCOME_RESULTS)
const OUTCOMES: Readonly<Record<Phase, Outcome>> = {
  single: Object.freeze({ result: 'success' }),
  attempt: Object.freeze({ result: 'pending' }),
  outcome: Object.freeze({ result: 'unknown' }),
}

/** Paths that were found good; bounded, because actions may come from a network. */
const GOOD_PATHS = new Set<string>()
const MOST_GOOD_PATHS = 4096

/** A dotted path that does not lie below `log`, unless the log itself records. */
export function takePath(walk: Walk, key: string | number, value: unknown, own: boolean = false): string {
  if (typeof value === 'string' && GOOD_PATHS.has(value) && !own) {
    if (value.length * 3 > walk.limits.identifierBytes) takeIdentifier(walk, key, value)
    return value
  }
  const path = takeIdentifier(walk, key, value)
  if (!isPath(path))
    refuse(walk, key, 'must be a dotted path of segments [A-Za-z0-9_-]+', "such as 'machine.nic.add'")
  if (isLogAction(path) !== own) {
    refuse(
      walk,
      key,
      own
        ? 'the log records its own actions only below log'
        : "paths below 'log' are the log's own and cannot be recorded",
    )
  }
  if (!own) {
    if (GOOD_PATHS.size >= MOST_GOOD_PATHS) GOOD_PATHS.clear()
    GOOD_PATHS.add(path)
  }
  return path
}

/** One of a closed list of words. */
export function takeWord<T extends string>(walk: Walk, key: string, value: unknown, words: readonly T[]): T {
  for (const word of words) if (word === value) return word
  const near = typeof value === 'string' ? nearest(value, words, 1)[0] : undefined
  return refuse(
    walk,
    key,
    `must be one of ${words.join(', ')}`,
    near === undefined ? undefined : `did you mean '${near}'?`,
  )
}

/** The outcome, with the default of its phase. An attempt is pending; an outcome no longer is. */
export function takeOutcome(walk: Walk, value: unknown, phase: Phase): Outcome {
  if (value === undefined) return OUTCOMES[phase]
  const outcome =
    typeof value === 'string' ? { result: takeResult(walk, 'outcome', value) } : readOutcome(walk, value)
  if (phase === 'attempt' && outcome.result !== 'pending') {
    refuse(
      walk,
      'outcome',
      'an attempt has no outcome yet: it must be pending',
      "record the result with phase 'outcome'",
    )
  }
  if (phase === 'outcome' && outcome.result === 'pending')
    refuse(walk, 'outcome', 'an outcome cannot be pending')
  return outcome
}

function readOutcome(walk: Walk, value: unknown): Outcome {
  if (!isPlain(value)) return refuse(walk, 'outcome', `must be a result or an object, got ${kindOf(value)}`)
  walk.path.push('outcome')
  const outcome: Mutable<Outcome> = { result: takeResult(walk, 'result', value['result']) }
  for (const name of Object.keys(value)) {
    if (name === 'result') continue
    const member = value[name]
    if (member === undefined) continue
    if (name === 'code') outcome.code = takeIdentifier(walk, name, member)
    else if (name === 'message') outcome.message = takeText(walk, name, member)
    else if (name === 'durationMs') outcome.durationMs = takeDuration(walk, name, member)
    else refuseUnknown(walk, name, ['result', 'code', 'message', 'durationMs'])
  }
  walk.path.pop()
  return outcome
}

function takeResult(walk: Walk, key: string, value: unknown): OutcomeResult {
  return RESULTS.has(value) ? (value as OutcomeResult) : takeWord(walk, key, value, OUTCOME_RESULTS)
}

function takeDuration(walk: Walk, key: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value + 0
  return refuse(walk, key, 'must be a finite number of milliseconds, zero or more')
}

/** An array within a count. */
export function takeArray(walk: Walk, key: string, value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(walk, key, `must be an array, got ${kindOf(value)}`)
  if (!(value.length <= most)) return exceed(walk, key, `has more than ${most} elements`)
  return value
}

/** The targets, in order. */
export function takeTargets(walk: Walk, value: unknown): readonly Target[] {
  if (value === undefined) return []
  const given = takeArray(walk, 'targets', value, walk.limits.targets)
  walk.path.push('targets')
  const targets: Target[] = []
  for (let at = 0; at < given.length; at += 1) targets.push(readTarget(walk, at, given[at]))
  walk.path.pop()
  return targets
}

function readTarget(walk: Walk, at: number, value: unknown): Target {
  if (!isPlain(value)) return refuse(walk, at, `must be an object, got ${kindOf(value)}`)
  walk.path.push(at)
  const target: Mutable<Target> = {
    type: takeIdentifier(walk, 'type', value['type']),
    id: takeIdentifier(walk, 'id', value['id']),
  }
  for (const name of Object.keys(value)) {
    if (name === 'type' || name === 'id') continue
    const member = value[name]
    if (member === undefined) continue
    if (name === 'name' || name === 'role') target[name] = takeShort(walk, name, member)
    else refuseUnknown(walk, name, ['type', 'id', 'name', 'role'])
  }
  walk.path.pop()
  return target
}

/** Tags, or undefined when there are none. */
export function takeTags(walk: Walk, value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isPlain(value)) return refuse(walk, 'tags', `must be an object, got ${kindOf(value)}`)
  const names = Object.keys(value)
  walk.path.push('tags')
  const tags: Record<string, string> = {}
  let count = 0
  for (const name of names) {
    const member = value[name]
    if (member === undefined) continue
    count += 1
    if (count > walk.limits.tags) exceed(walk, name, `is beyond the ${walk.limits.tags} tags of one event`)
    takeIdentifier(walk, name, name)
    setOwn(tags, name, takeShort(walk, name, member))
  }
  walk.path.pop()
  return count === 0 ? undefined : tags
}

/** Further topics, or undefined when there are none. */
export function takeTopics(walk: Walk, value: unknown): readonly string[] | undefined {
  const given = takeArray(walk, 'topics', value, walk.limits.tags)
  walk.path.push('topics')
  const topics: string[] = []
  for (let at = 0; at < given.length; at += 1) topics.push(takePath(walk, at, given[at]))
  walk.path.pop()
  return topics.length === 0 ? undefined : topics
}

/** Where an imported event was found. */
export function takeSource(walk: Walk, value: unknown): Source {
  const given = takeRecord(walk, 'source', value, ['system', 'id'])
  const source = {
    system: takeIdentifier(walk, 'system', given['system']),
    id: takeIdentifier(walk, 'id', given['id']),
  }
  walk.path.pop()
  return source
}

/** Who entered the event later, and on what ground. */
export function takeBackfill(walk: Walk, value: unknown): Backfill {
  const given = takeRecord(walk, 'backfill', value, ['by', 'basis', 'enteredAt'])
  const basis = takeText(walk, 'basis', given['basis'])
  if (basis === '') refuse(walk, 'basis', 'must not be empty')
  const backfill = {
    by: takeIdentifier(walk, 'by', given['by']),
    basis,
    enteredAt: takeInstant(walk, 'enteredAt', given['enteredAt']),
  }
  walk.path.pop()
  return backfill
}

/** Reasons for absent or altered fields; the normaliser adds its own. */
export function takeNotes(walk: Walk, value: unknown): Note[] {
  const given = takeArray(walk, 'notes', value, walk.limits.changes)
  walk.path.push('notes')
  const notes: Note[] = []
  for (let at = 0; at < given.length; at += 1) {
    const note = takeRecord(walk, at, given[at], ['path', 'reason'])
    notes.push({
      path: takePointer(walk, 'path', note['path']),
      reason: takeText(walk, 'reason', note['reason']),
    })
    walk.path.pop()
  }
  walk.path.pop()
  return notes
}

/** A JSON pointer within the length of identifiers. */
export function takePointer(walk: Walk, key: string, value: unknown): string {
  const text = takeShort(walk, key, value)
  return isPointer(text)
    ? text
    : refuse(walk, key, 'must be a JSON pointer (RFC 6901)', "such as '/spec/size'")
}

/** Enters an object with exactly these members; the caller leaves it with `walk.path.pop()`. */
function takeRecord(
  walk: Walk,
  key: string | number,
  value: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (!isPlain(value)) return refuse(walk, key, `must be an object, got ${kindOf(value)}`)
  walk.path.push(key)
  for (const name of Object.keys(value)) {
    if (!known.includes(name) && value[name] !== undefined) refuseUnknown(walk, name, known)
  }
  return value
}
