import type { Person } from '../log/key-store.ts'
import type { Actor } from '../model/index.ts'
import {
  invalidRequest,
  optionalFlag,
  optionalList,
  optionalText,
  requestMembers,
  requiredText,
  takeActor,
  takePerson,
} from './act-request.ts'
import { holdsWord, isPeculiar } from './mentions.ts'

/** What becomes of parts that name a person without being keyed to them. */
export type MentionPolicy = 'erase' | 'report' | 'ignore'

/** Asks to erase persons, or to redact events. */
export interface EraseRequest {
  /** Everything about these persons goes. Either this or `events`. */
  readonly persons?: readonly Person[]
  /** These events go, by id or position, or the parts of them that `parts` names. */
  readonly events?: readonly (string | number)[]
  /** @defaultValue all parts of the events */
  readonly parts?: readonly string[]
  /** The law or agreement that asks for it. It stays in the log, so it must name no person. */
  readonly basis: string
  /** Reference of the request, such as a ticket. It stays in the log. */
  readonly request?: string
  /** Who approved. A text is the id of a person of the catalog's first person type. */
  readonly approvals?: readonly (string | Person)[]
  /** Who erases. @defaultValue the log itself */
  readonly actor?: Actor
  /** Count, and change nothing. @defaultValue false */
  readonly dryRun?: boolean
  /** Erase what no hold keeps, instead of refusing. @defaultValue false */
  readonly exceptHeld?: boolean
  /** @defaultValue `erase` for ids of at least four characters that are not digits alone, else `report` */
  readonly mentions?: MentionPolicy
}

const KNOWN: readonly (keyof EraseRequest)[] = [
  'persons',
  'events',
  'parts',
  'basis',
  'request',
  'approvals',
  'actor',
  'dryRun',
  'exceptHeld',
  'mentions',
]
const MENTIONS: readonly MentionPolicy[] = ['erase', 'report', 'ignore']

/** Takes what came from outside for a request to erase. @throws AnnalsError ANNALS_INVALID with the path */
export function checkErase(value: unknown): EraseRequest {
  const given = requestMembers(value, KNOWN)
  const persons = optionalList(given, 'persons', takePerson)
  const events = optionalList(given, 'events', takeEvent)
  const parts = optionalList(given, 'parts', takePart)
  const approvals = optionalList(given, 'approvals', takeApproval)
  const request = optionalText(given, 'request', 512)
  const mentions = given['mentions'] as MentionPolicy | undefined
  if ((persons === undefined) === (events === undefined))
    throw invalidRequest('', 'must have either persons or events')
  if (persons !== undefined && parts !== undefined)
    throw invalidRequest('/parts', 'goes with events only', 'Of a person everything is erased.')
  if (mentions !== undefined && !MENTIONS.includes(mentions))
    throw invalidRequest('/mentions', `must be one of ${MENTIONS.join(', ')}`)
  const checked: EraseRequest = {
    ...(persons === undefined ? {} : { persons: distinct(persons) }),
    ...(events === undefined ? {} : { events }),
    ...(parts === undefined ? {} : { parts }),
    basis: requiredText(given, 'basis'),
    ...(request === undefined ? {} : { request }),
    ...(approvals === undefined ? {} : { approvals }),
    actor: takeActor(given),
    dryRun: optionalFlag(given, 'dryRun'),
    exceptHeld: optionalFlag(given, 'exceptHeld'),
    ...(mentions === undefined ? {} : { mentions }),
  }
  refuseNames(checked)
  return checked
}

/** What stays in the log for ever must not name who is erased. */
function refuseNames({ persons = [], basis, request = '', approvals = [], actor }: EraseRequest): void {
  for (const { type, id } of persons) {
    const by = [actor, ...approvals].map(one => (typeof one === 'string' ? { type, id: one } : one))
    if (by.some(one => one?.type === type && one.id === id)) {
      throw invalidRequest(
        actor?.type === type && actor.id === id ? '/actor' : '/approvals',
        'is a person to be erased, whom the log would name anew',
        'Somebody else must erase, and approve.',
      )
    }
    if (!isPeculiar(id)) continue
    for (const [path, text] of [['/basis', basis] as const, ['/request', request] as const]) {
      if (holdsWord(text, id))
        throw invalidRequest(
          path,
          'names a person to be erased',
          'It stays in the log; refer to a file elsewhere.',
        )
    }
  }
}

function takeEvent(value: unknown, path: string): string | number {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw invalidRequest(path, 'must be the id or the position of an event')
}

function takePart(value: unknown, path: string): string {
  if (typeof value === 'string' && /^[a-z]{1,16}$/.test(value)) return value
  throw invalidRequest(path, 'is no name of a part')
}

function takeApproval(value: unknown, path: string): string | Person {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 512 && value.isWellFormed())
    return value
  return takePerson(value, path)
}

function distinct(persons: readonly Person[]): readonly Person[] {
  return [...new Map(persons.map(person => [`${person.type}\0${person.id}`, person])).values()]
}
