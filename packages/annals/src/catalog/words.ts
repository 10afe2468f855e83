import type { Actor, Change, Json, Outcome, Target } from '../model/index.ts'
import { parsePointer } from '../model/index.ts'
import type { Statement } from './statement.ts'
import { visible } from './visible.ts'

const ERASED = '(erased)'
const NONE = '(none)'
/** Most identities shown of one chain of delegation. */
const MOST_ACTORS = 4

/** Who acted: `alice`, or `deploy-bot (as alice)` when in the name of another. */
export function actorWords(actor: Actor, depth: number = 0): string {
  if (actor.type === 'erased') return ERASED
  const own = visible(actor.name || actor.id || (actor.type === 'unknown' ? 'someone unknown' : actor.type))
  const marked = actor.unverified === true ? `${own} (unverified)` : own
  if (actor.onBehalfOf === undefined) return marked
  return depth + 1 >= MOST_ACTORS
    ? `${marked} (as …)`
    : `${marked} (as ${actorWords(actor.onBehalfOf, depth + 1)})`
}

/** One target by its name at the time, or its id. */
export function targetWords(target: Target | undefined, event: Statement): string {
  return target === undefined ? absent(event) : visible(target.name || target.id)
}

/** Several targets: `a`, `a and b`, `a, b and 3 more`. */
export function targetsWords(event: Statement): string {
  const names = event.targets.slice(0, 3).map(target => targetWords(target, event))
  const rest = event.targets.length - 2
  if (names.length === 0) return absent(event)
  if (rest > 1) return `${names.slice(0, 2).join(', ')} and ${rest} more`
  return names.length === 1 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A value in a sentence; an object or array as short JSON. */
export function valueWords(value: unknown, event: Statement): string {
  if (value === undefined) return absent(event)
  if (typeof value === 'string') return value === '' ? "''" : visible(value)
  return visible(typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value))
}

/** How it ended, as a verb. */
export function outcomeWords(outcome: Outcome): string {
  switch (outcome.result) {
    case 'success':
      return 'succeeded'
    case 'failure':
      return `failed${reason(outcome)}`
    case 'denied':
      return `was denied${reason(outcome)}`
    case 'pending':
      return 'is pending'
    case 'unknown':
      return 'ended unknown'
    default:
      return NONE
  }
}

/** What must be added to a sentence that reads as if the action had succeeded; empty when it has. */
export function outcomeSuffix(event: Statement): string {
  const { outcome, phase } = event
  switch (outcome.result) {
    case 'success':
      return ''
    case 'failure':
      return `failed${reason(outcome)}`
    case 'denied':
      return `denied${reason(outcome)}`
    case 'pending':
      return phase === 'attempt' ? 'attempted' : 'pending'
    case 'unknown':
      return 'outcome unknown'
    default:
      return ''
  }
}

/** What changed: one scalar inline (`name: a → b`), more as a count; empty when nothing did. */
export function changeWords(changes: readonly Change[] | undefined): string {
  const [first, ...more] = changes ?? []
  if (first === undefined) return ''
  if (more.length > 0) return `changed ${more.length + 1} fields`
  const name = visible(placeName(first.path))
  if (first.masked === true || !isScalar(first.before) || !isScalar(first.after))
    return `${VERBS[first.op] ?? 'changed'} ${name}`
  if (first.op === 'replace') return `${name}: ${scalar(first.before)} → ${scalar(first.after)}`
  return `${VERBS[first.op] ?? 'changed'} ${name}: ${scalar(first.op === 'add' ? first.after : first.before)}`
}

const VERBS: Readonly<Record<string, string>> = { add: 'added', remove: 'removed', replace: 'changed' }

function placeName(pointer: string): string {
  return pointer === '' ? 'the whole' : parsePointer(pointer).join('.')
}

function isScalar(value: Json | undefined): boolean {
  return typeof value !== 'object' || value === null
}

function scalar(value: Json | undefined): string {
  return value === '' ? "''" : visible(String(value))
}

function reason(outcome: Outcome): string {
  const words = outcome.message || outcome.code
  return words === undefined || words === '' ? '' : `: ${visible(words)}`
}

function absent(event: Statement): string {
  return event.erased !== undefined && event.erased.length > 0 ? ERASED : NONE
}
