import { AnnalsError, isPointer, parsePointer } from 'annals/model'
import type { OidcIssuer } from '../settings/oidc-setting.ts'
import { type Assignment, checkAssignment } from './assignment.ts'
import { ROLES, type Role } from './roles.ts'

type Claims = Readonly<Record<string, unknown>>

/** What a token says of somebody, in words of this server. */
export interface Understood {
  readonly role: Role
  readonly assignment: Assignment
  readonly subject: { readonly type: string; readonly id: string }
  readonly name?: string | undefined
}

/** Longest value of a claim, bytes: identifiers of events are no longer. */
const LONGEST = 512

/**
 * Reads the claims of a token that is valid, as the settings of its issuer say. Of several roles it gives the first of `ROLES`
 * whose needs are met. A claim that narrows and is not there, or not understood, never means "all".
 *
 * @throws AnnalsError ANNALS_DENIED with a hint at the claim
 */
export function understand(claims: Claims, settings: OidcIssuer): Understood {
  const { claims: names } = settings
  const id = textAt(claims, names.subject)
  if (id === undefined) throw denied(`The token has no claim "${names.subject}".`)
  const type = names.subjectType === undefined ? settings.subjectType : textAt(claims, names.subjectType)
  if (type === undefined) throw denied(`The token has no claim "${names.subjectType}".`)
  const subject = { type, id }
  const tenant = settings.tenant ?? textAt(claims, names.tenant)
  if (tenant === undefined && names.tenant !== undefined)
    throw denied(`The token has no claim "${names.tenant}".`)
  const assignment: Assignment = {
    tenant,
    project: textAt(claims, names.project),
    subject,
    since: sinceOf(claims, names.since),
  }
  const role = roleOf(claims, settings, assignment)
  checkAssignment(role, assignment)
  return { role, assignment, subject, name: nameAt(claims, names.name) }
}

function roleOf(claims: Claims, { claims: names, roleMap }: OidcIssuer, assignment: Assignment): Role {
  const given = listAt(claims, names.role).flatMap(value =>
    Object.hasOwn(roleMap, value) ? [roleMap[value]] : [],
  )
  const roles = ROLES.filter(role => given.includes(role.name))
  const [first] = roles
  if (first === undefined) {
    throw denied(
      'Nothing in the token gives you a role here.',
      `The claim "${names.role}" must have a value of roleMap.`,
    )
  }
  const role = roles.find(one => one.needs.every(need => assignment[need] !== undefined))
  if (role !== undefined) return role
  const missing = first.needs.find(need => assignment[need] === undefined) ?? ''
  throw denied(`The role ${first.name} needs a ${missing}, and the token names none.`)
}

/** A claim that narrows: text, or not there. Anything else is not passed over. */
function textAt(claims: Claims, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const value = claimAt(claims, name)
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string' || text === '' || Buffer.byteLength(text) > LONGEST || !text.isWellFormed())
    throw denied(`The claim "${name}" of the token is not a text of 1 to ${LONGEST} bytes.`)
  return text
}

/** A name is for people: one that does not fit is left out. */
function nameAt(claims: Claims, name: string): string | undefined {
  const value = claimAt(claims, name)
  const fits = typeof value === 'string' && value !== '' && value.isWellFormed()
  return fits && Buffer.byteLength(value) <= LONGEST ? value : undefined
}

function listAt(claims: Claims, name: string): readonly string[] {
  const value = claimAt(claims, name)
  return (Array.isArray(value) ? value : [value]).filter(one => typeof one === 'string').slice(0, 1_000)
}

/** An instant: seconds since the epoch, as JWT has it, or ISO 8601. */
function sinceOf(claims: Claims, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const value = claimAt(claims, name)
  if (value === undefined) return undefined
  const isText = typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value)
  const date = new Date(typeof value === 'number' ? value * 1000 : isText ? value : Number.NaN)
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 1)
    throw denied(`The claim "${name}" of the token is no instant.`)
  return date.toISOString()
}

function claimAt(claims: Claims, name: string): unknown {
  if (!name.startsWith('/') || !isPointer(name)) return Object.hasOwn(claims, name) ? claims[name] : undefined
  let at: unknown = claims
  for (const segment of parsePointer(name)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined
    at = (at as Claims)[segment]
  }
  return at
}

function denied(
  message: string,
  hint = 'Ask whoever runs the issuer of your token, or this server.',
): AnnalsError {
  return new AnnalsError('ANNALS_DENIED', message, { hint })
}
