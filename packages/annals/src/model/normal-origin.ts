import type { Note, Origin } from './event.ts'
import { isIp } from './ip.ts'
import type { Mutable } from './mutable.ts'
import { nameInNote } from './normal-actor.ts'
import { isPlain } from './own.ts'
import { utf8Length, utf8Prefix } from './utf8.ts'
import { kindOf, unreadable, type Walk } from './walk.ts'

const NOWHERE: Origin = Object.freeze({})

/**
 * The origin of a draft. It comes from the network, so nothing in it ever fails a write: a field that cannot be understood
 * is dropped with a note, and a user agent that is too long is cut with a note.
 */
export function takeOrigin(walk: Walk, value: unknown, notes: Note[]): Origin {
  if (value === undefined) return NOWHERE
  try {
    if (isPlain(value)) return readOrigin(walk, value, notes)
    notes.push({ path: '/origin', reason: `dropped: must be an object, got ${kindOf(value)}` })
  } catch (thrown) {
    notes.push({ path: '/origin', reason: `dropped: ${unreadable(walk, thrown).message.slice(0, 300)}` })
  }
  return NOWHERE
}

function readOrigin(walk: Walk, value: Readonly<Record<string, unknown>>, notes: Note[]): Origin {
  const origin: Mutable<Origin> = {}
  let unknown = ''
  for (const name of Object.keys(value)) {
    const member = value[name]
    if (member === undefined) continue
    switch (name) {
      case 'ip':
      case 'userAgent':
      case 'requestId':
      case 'correlationId':
      case 'causationId':
      case 'traceId':
      case 'spanId':
      case 'sessionId':
      case 'host':
      case 'component': {
        const text = readText(walk, name, member, notes)
        if (text !== undefined) origin[name] = text
        break
      }
      default:
        unknown ||= name
    }
  }
  if (unknown !== '')
    notes.push({ path: '/origin', reason: `${nameInNote(unknown)} was dropped: origins have no such field` })
  return origin
}

function readText(walk: Walk, name: keyof Origin, value: unknown, notes: Note[]): string | undefined {
  const most = walk.limits.identifierBytes
  if (typeof value !== 'string') return drop(name, `must be a string, got ${kindOf(value)}`, notes)
  if (value === '') return drop(name, 'was empty', notes)
  if (!value.isWellFormed()) return drop(name, 'held a lone surrogate', notes)
  if (name === 'ip' && !isIp(value)) return drop(name, 'was no IP address', notes)
  if (value.length * 3 <= most) return value
  const bytes = utf8Length(value)
  if (bytes <= most) return value
  if (name !== 'userAgent') return drop(name, `was longer than ${most} bytes`, notes)
  notes.push({ path: '/origin/userAgent', reason: `cut from ${bytes} bytes` })
  return utf8Prefix(value, most)
}

function drop(name: string, reason: string, notes: Note[]): undefined {
  notes.push({ path: `/origin/${name}`, reason: `dropped: ${reason}` })
  return undefined
}
