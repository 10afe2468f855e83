import type { Mask, Scope } from 'annals'
import { AnnalsError, VISIBILITIES, type Visibility } from 'annals/model'
import { levelOf } from 'annals/query'
import { checkMeaning } from './assignment.ts'
import type { Permission } from './permission.ts'
import type { Principal } from './principal.ts'
import { cutQuery, type TokenChange } from './token-log.ts'
import type { Person, ViewerClaims } from './viewer-claims.ts'

/** Longest life of a viewer token, seconds. */
export const VIEWER_SECONDS = 900
/** What a viewer token can permit. */
export const VIEWER_PERMISSIONS: readonly Permission[] = ['read', 'tail', 'export']

/** What a viewer token is to show and permit. */
export interface WantedViewerToken {
  /** Query that every event shown meets. @defaultValue all that the maker sees */
  readonly filter?: string | undefined
  /** @defaultValue the maker's */
  readonly level?: Visibility | undefined
  /** Fields that are withheld, besides those withheld from the maker. */
  readonly masks?: readonly Mask[] | undefined
  /** @defaultValue `read` and `tail`, as far as the maker has them */
  readonly permissions?: readonly Permission[] | undefined
  /** @defaultValue 900 */
  readonly ttlSeconds?: number | undefined
  /** Who `me` is, in the filter, the masks and what the viewer asks. */
  readonly me?: Person | undefined
  /** Who looks, as the log is told. @defaultValue `me`, else the maker */
  readonly actAs?: Person | undefined
}

/**
 * What a token says that somebody makes for a viewer: what they ask for, within what they have.
 *
 * @throws AnnalsError ANNALS_DENIED for more than they have, ANNALS_INVALID and ANNALS_QUERY, each with its place
 */
export function claimsOf(by: Principal, wanted: WantedViewerToken): ViewerClaims {
  return {
    scope: narrowed(by, wanted),
    permissions: permitted(by, wanted.permissions),
    actor: personOf(wanted.actAs ?? wanted.me ?? by.actor),
    maker: by.credential,
    basis: basisOf(by, wanted),
    tenant: by.tenant,
    project: by.project,
  }
}

/** The record that a token was made. */
export function mintOf(
  id: string,
  { scope, permissions, actor, maker }: ViewerClaims,
  expiresAt: string,
): TokenChange {
  const { filter, level, masks, me } = scope
  const about = me === undefined ? [] : [{ ...me, role: 'subject' }]
  return {
    change: 'mint',
    targets: [{ type: 'viewer-token', id }, ...about],
    facts: {
      filter: cutQuery(filter),
      level,
      masks: masks.flatMap(mask => mask.paths).slice(0, 64),
      permissions,
      actAs: { type: actor.type, id: actor.id },
      maker,
      expiresAt,
    },
  }
}

/** How a token that is for somebody is found again, to be ended. */
export function subjectName({ type, id }: Person): string {
  // Of JSON, so that no type or id can look like another pair.
  return `subject:${JSON.stringify([type, id])}`
}

/** The scope of a token: what is asked for, within what its maker sees. */
function narrowed(by: Principal, { filter = '', level, masks = [], me }: WantedViewerToken): Scope {
  const highest = levelOf(by.scope)
  if (level !== undefined && VISIBILITIES.indexOf(level) > VISIBILITIES.indexOf(highest))
    throw denied('/level', `You see no more than the level "${highest}".`)
  const scope: Scope = {
    filter,
    level: level ?? highest,
    masks,
    ...(me === undefined ? {} : { me: { type: me.type, id: me.id } }),
    within: by.scope,
  }
  checkMeaning(scope)
  return scope
}

function permitted(by: Principal, wanted: readonly Permission[] | undefined): readonly Permission[] {
  const asked = wanted ?? VIEWER_PERMISSIONS.filter(one => one !== 'export' && by.permissions.has(one))
  const more = asked.find(one => !VIEWER_PERMISSIONS.includes(one) || !by.permissions.has(one))
  if (more !== undefined) throw denied('/permissions', `You cannot give the permission "${more}".`)
  return [...new Set(asked)]
}

function basisOf(by: Principal, { me, actAs }: WantedViewerToken): readonly string[] {
  const people = [me, actAs, by.actor].filter(one => one !== undefined).map(subjectName)
  return [...new Set([by.credential, ...(by.basis ?? []), ...people])]
}

function personOf({ type, id, name }: Person): Person {
  return { type, id, ...(name === undefined ? {} : { name }) }
}

function denied(path: string, message: string): AnnalsError {
  return new AnnalsError('ANNALS_DENIED', message, { path })
}
