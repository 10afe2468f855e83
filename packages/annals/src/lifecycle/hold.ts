import type { Person } from '../log/key-store.ts'
import { type Actor, AnnalsError } from '../model/index.ts'
import { parseQuery } from '../query/index.ts'
import { type Act, type ActContext, defineAct } from './act.ts'
import {
  invalidRequest,
  type Members,
  requestMembers,
  requiredText,
  takeActor,
  takePerson,
} from './act-request.ts'
import { activeHolds, type Hold, type HoldScope } from './holds.ts'
import { holdsWord, isPeculiar } from './mentions.ts'
import { ownDraft } from './own-entries.ts'

/** Asks for a hold. Exactly one of `query`, `person`, `chunk` and `operation` says what it keeps. */
export interface HoldRequest {
  /** Its name: what releases it, and what a refused erasure tells. At most 128 characters. */
  readonly hold: string
  /** Why, for whoever reads the log; it must not name the person. */
  readonly reason: string
  /** Everything that this query finds, now and later. */
  readonly query?: string
  /** Every event about this person. */
  readonly person?: Person
  /** The chunk that begins at this position. */
  readonly chunk?: number
  /** The events of this operation, by its id. */
  readonly operation?: string
  /** Who asked. @defaultValue the log itself */
  readonly actor?: Actor
}

/** Where a hold was recorded. */
export interface HoldResult {
  readonly hold: string
  readonly index: number
}

const SCOPES = ['query', 'person', 'chunk', 'operation'] as const

/**
 * Sets a legal hold. Setting the same hold again does nothing.
 *
 * @throws AnnalsError ANNALS_CONFLICT when another hold of this name is in force; ANNALS_QUERY, ANNALS_NOT_FOUND for a chunk
 * @example
 * ```ts
 * await trail.perform(hold, { hold: 'case-7', reason: 'litigation', query: 'tenant:acme' })
 * ```
 */
export const hold: Act<HoldRequest, HoldResult> = defineAct({
  name: 'hold',
  takesActor: true,
  check: checkHold,
  async perform(request, context) {
    const scope = await scopeFor(request, context)
    const known = (await activeHolds(context)).find(one => one.name === request.hold)
    if (known !== undefined) return sameHold(known, scope)
    const data = { hold: request.hold, reason: request.reason, ...scope }
    const draft = { ...ownDraft('log.hold', data), actor: takeActor({ actor: request.actor }) }
    const [recorded] = await context.record([draft])
    return { hold: request.hold, index: (recorded as { index: number }).index }
  },
})

function checkHold(value: unknown): HoldRequest {
  const given = requestMembers(value, ['hold', 'reason', ...SCOPES, 'actor'])
  const request = {
    hold: checkedHoldName(given),
    reason: requiredText(given, 'reason'),
    ...checkedScope(given),
    actor: takeActor(given),
  }
  const { person } = request
  if (person !== undefined && isPeculiar(person.id)) {
    for (const name of ['hold', 'reason'] as const) {
      if (holdsWord(request[name], person.id)) {
        throw invalidRequest(
          `/${name}`,
          'names the person',
          'The log keeps it also when the person is erased.',
        )
      }
    }
  }
  return request
}

/** The name of a hold. @throws AnnalsError ANNALS_INVALID */
export function checkedHoldName(given: Members): string {
  const name = requiredText(given, 'hold', 128)
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name))
    throw invalidRequest('/hold', 'must have no control characters')
  return name
}

function checkedScope(given: Members): Pick<HoldRequest, (typeof SCOPES)[number]> {
  const scopes = SCOPES.filter(name => given[name] !== undefined)
  if (scopes.length !== 1) throw invalidRequest('', `must have exactly one of ${SCOPES.join(', ')}`)
  switch (scopes[0]) {
    case 'query': {
      const query = requiredText(given, 'query')
      parseQuery(query)
      return { query }
    }
    case 'person':
      return { person: takePerson(given['person'], '/person') }
    case 'chunk': {
      const { chunk } = given
      if (typeof chunk !== 'number' || !Number.isSafeInteger(chunk) || chunk < 0)
        throw invalidRequest('/chunk', 'must be the first position of a chunk')
      return { chunk }
    }
    default:
      return { operation: requiredText(given, 'operation', 512) }
  }
}

async function scopeFor(request: HoldRequest, { store }: ActContext): Promise<HoldScope> {
  const { query, person, chunk, operation } = request
  if (person !== undefined)
    return { subject: Buffer.from(store.keys.tagOf(person), 'latin1').toString('hex') }
  if (query !== undefined) return { query }
  if (operation !== undefined) return { operation }
  const chunks = await store.log.chunks()
  if (!chunks.some(({ lo }) => lo === chunk)) {
    throw new AnnalsError('ANNALS_NOT_FOUND', `No chunk begins at position ${chunk}.`, {
      hint: 'A chunk is named by its first position, as "annals chunk list" shows it.',
    })
  }
  return { chunk: chunk as number }
}

function sameHold(known: Hold, scope: HoldScope): HoldResult {
  if (JSON.stringify(known.scope) === JSON.stringify(scope)) return { hold: known.name, index: known.index }
  throw new AnnalsError('ANNALS_CONFLICT', 'A hold of this name is in force and keeps something else.', {
    path: '/hold',
    hint: 'Use another name, or release that one first.',
  })
}
