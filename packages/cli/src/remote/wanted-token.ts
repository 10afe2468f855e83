import { parseDuration } from 'annals/query'
import { UsageFailure } from '../failure/failure.ts'
import { referenceOf } from '../flags/reference.ts'

/** What a key is to be, as commander hands it over. */
export interface KeyFlags {
  readonly name: string
  readonly role: string
  readonly scopes?: string
  readonly tenant?: string
  readonly project?: string
  readonly subject?: string
  readonly query?: string
  readonly since?: string
  readonly ttl?: string
  readonly expires?: string
}

/** What a viewer token is to be, likewise. */
export interface ViewerFlags {
  readonly query?: string
  readonly ttl?: string
  readonly level?: string
  readonly mask?: readonly string[]
  readonly permissions?: string
  readonly me?: string
  readonly actAs?: string
}

/**
 * The body of `POST /v1/tokens`; what it means is checked by the server.
 *
 * @throws UsageFailure for a flag that cannot be read
 */
export function newKeyOf(flags: KeyFlags, now: Date): object {
  const { name, role, scopes, tenant, project, subject, query, since, ttl, expires } = flags
  if (ttl !== undefined && expires !== undefined)
    throw new UsageFailure('--ttl and --expires at once', { hint: 'Give one of them.' })
  const expiresAt =
    ttl === undefined ? expires : new Date(now.getTime() + durationOf('--ttl', ttl)).toISOString()
  return {
    name,
    role,
    ...(scopes === undefined ? {} : { scopes: words(scopes) }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(project === undefined ? {} : { project }),
    ...(subject === undefined ? {} : { subject: referenceOf('--subject', subject) }),
    ...(query === undefined ? {} : { filter: query }),
    ...(since === undefined ? {} : { since }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

/**
 * The body of `POST /v1/viewer-tokens`, likewise.
 *
 * @throws UsageFailure for a flag that cannot be read
 */
export function viewerTokenOf({ query, ttl, level, mask, permissions, me, actAs }: ViewerFlags): object {
  return {
    ...(query === undefined ? {} : { filter: query }),
    ...(ttl === undefined ? {} : { ttlSeconds: Math.round(durationOf('--ttl', ttl) / 1000) }),
    ...(level === undefined ? {} : { level }),
    ...(mask === undefined ? {} : { masks: mask }),
    ...(permissions === undefined ? {} : { permissions: words(permissions) }),
    ...(me === undefined ? {} : { me: referenceOf('--me', me) }),
    ...(actAs === undefined ? {} : { actAs: referenceOf('--act-as', actAs) }),
  }
}

/** The latest instant that a date can be is 8.64e15 ms; a life of a thousand years is for ever. */
const LONGEST_MS = 1000 * 366 * 86_400_000

function durationOf(flag: string, text: string): number {
  const length = parseDuration(text)
  if (length !== undefined && length > 0 && length <= LONGEST_MS) return length
  throw new UsageFailure(`${flag}: "${text}" is no duration`, {
    hint: `Write it as ${flag} 15m, 12h or 90d.`,
  })
}

function words(text: string): readonly string[] {
  return text.split(',').map(word => word.trim())
}
