import type { AnnalsError } from './errors.ts'
import type { Actor, Credential, Note } from './event.ts'
import type { Mutable } from './mutable.ts'
import { MALFORMED_ACTOR } from './normal-event.ts'
import { isPlain } from './own.ts'
import { exceed, kindOf, refuse, takeIdentifier, takeShort, unreadable, type Walk } from './walk.ts'

const ABSENT: Actor = Object.freeze({ type: 'unknown', id: '' })
const MALFORMED: Actor = Object.freeze({ type: 'unknown', id: '', unverified: true })

/**
 * The actor of a draft. Absent, it is unknown, never a claim. Malformed, the event is still worth storing: the actor becomes
 * unknown and unverified, and a note says why. A member that actors do not have is dropped with a note, and marks the rest
 * as unverified.
 */
export function takeActor(walk: Walk, value: unknown, notes: Note[]): Actor {
  if (value === undefined) return ABSENT
  try {
    return readActor(walk, 'actor', value, 2, notes)
  } catch (thrown) {
    const error = unreadable(walk, thrown)
    walk.path.length = 0
    notes.push({ path: '/actor', reason: `${MALFORMED_ACTOR}: ${shortReason(error)}` })
    return MALFORMED
  }
}

function readActor(walk: Walk, key: string, value: unknown, depth: number, notes: Note[]): Actor {
  if (!isPlain(value)) return refuse(walk, key, `must be an object, got ${kindOf(value)}`)
  if (depth > walk.limits.depth)
    return exceed(walk, key, `is nested deeper than ${walk.limits.depth}, or is a cycle`)
  walk.path.push(key)
  const actor: Mutable<Actor> = { type: '', id: '' }
  let typed = false
  let dropped = ''
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    switch (name) {
      case 'type':
        actor.type = takeIdentifier(walk, name, member)
        typed = true
        break
      case 'id':
        actor.id = takeShort(walk, name, member)
        break
      case 'name':
        actor.name = takeShort(walk, name, member)
        break
      case 'credential':
        actor.credential = readCredential(walk, member)
        break
      case 'onBehalfOf':
        actor.onBehalfOf = readActor(walk, name, member, depth + 1, notes)
        break
      case 'unverified':
        if (member !== true) refuse(walk, name, 'must be true or left out')
        actor.unverified = true
        break
      default:
        dropped ||= name
    }
  }
  if (!typed) refuse(walk, 'type', 'is required')
  if (actor.type === 'erased') refuse(walk, 'type', "'erased' is said by the log only")
  if (actor.id === '' && actor.type !== 'unknown' && actor.type !== 'anonymous') {
    refuse(walk, 'id', 'is required, except for the types unknown and anonymous')
  }
  if (dropped !== '') {
    actor.unverified = true
    notes.push({
      path: `/${walk.path.join('/')}`,
      reason: `${nameInNote(dropped)} was dropped: actors have no such field`,
    })
  }
  walk.path.pop()
  return actor
}

function readCredential(walk: Walk, value: unknown): Credential {
  if (!isPlain(value)) return refuse(walk, 'credential', `must be an object, got ${kindOf(value)}`)
  walk.path.push('credential')
  for (const name of Object.keys(value)) {
    if (name !== 'type' && name !== 'id' && value[name] !== undefined)
      refuse(walk, nameInNote(name), 'unknown field')
  }
  const credential = {
    type: takeIdentifier(walk, 'type', value['type']),
    id: takeIdentifier(walk, 'id', value['id']),
  }
  walk.path.pop()
  return credential
}

/** A field name that is fit for a stored note: short and plain, so that no content gets in through names. */
export function nameInNote(name: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : 'a field'
}

function shortReason(error: AnnalsError): string {
  return error.message.slice(0, 300)
}
