import { AnnalsError, isPointer, parsePointer, VISIBILITIES, type Visibility } from '../model/index.ts'
import { and, type Query } from './ast.ts'
import { parseQuery } from './parse.ts'

/** Fields that are withheld from a reader. */
export interface Mask {
  /** JSON pointers into an event: `/origin/ip`, `/data/salary`, `/actor`. An actor becomes `{type: 'hidden', id: ''}`. */
  readonly paths: readonly string[]
  /** Query of the events that are shown in full, such as `actor:me`. @defaultValue none */
  readonly unless?: string | undefined
}

/**
 * What a reader may see. Plain data, so that it crosses threads and processes, and holds for every question alike: an event
 * outside it is not there, and a masked field is absent, also for filters, free text, counts, pages and receipts.
 */
export interface Scope {
  /** Query that every event shown meets, whatever is asked; empty: every event. */
  readonly filter: string
  /**
   * The most privileged visibility shown. Below `operator` neither the log's own events are there, nor the fields that an event
   * type keeps in its part `internal`.
   */
  readonly level: Visibility
  readonly masks: readonly Mask[]
  /** Who `me` is, in the filter, the masks and the reader's queries. */
  readonly me?: { readonly type: string; readonly id: string } | undefined
  /** A scope that holds as well, with its own `me`: what either withholds is withheld. Whoever passes on a scope cannot widen it. */
  readonly within?: Scope | undefined
}

/** Sees everything. */
export const FULL_SCOPE: Scope = Object.freeze({ filter: '', level: 'operator', masks: [] })

/** Most masks of a scope, and most paths of a mask. */
export const MAX_MASKS = 32

/** Most scopes within each other. */
export const MAX_SCOPES = 4

/** What a mask can take out: whole, or single members of it. */
const MASKABLE: ReadonlySet<string> = new Set(
  'actor origin changes data tags description source backfill truncated notes'.split(' '),
)
const ACTOR_MEMBERS: ReadonlySet<string> = new Set(['name', 'credential', 'onBehalfOf'])
const OUTCOME_MEMBERS: ReadonlySet<string> = new Set(['code', 'message', 'durationMs'])

/**
 * Checks what came from outside for a scope.
 *
 * @throws AnnalsError ANNALS_INVALID with the path, ANNALS_QUERY for a query that is not one
 * @example
 * ```ts
 * checkScope({ filter: 'tenant:acme', level: 'owner', masks: [{ paths: ['/origin/ip'], unless: 'actor:me' }], me })
 * ```
 */
export function checkScope(scope: Scope): Scope {
  const scopes = scopesOf(scope)
  if (scopes.length > MAX_SCOPES) throw refuse('/within', `has more than ${MAX_SCOPES} scopes`)
  for (const one of scopes) checkOne(one)
  return scope
}

/** A scope and all that it is within. */
export function scopesOf(scope: Scope): readonly Scope[] {
  const scopes: Scope[] = []
  for (let at: Scope | undefined = scope; at && scopes.length <= MAX_SCOPES; at = at.within) scopes.push(at)
  return scopes
}

/** The most privileged visibility that a scope and all that it is within show. */
export function levelOf(scope: Scope): Visibility {
  const ranks = scopesOf(scope).map(({ level }) => VISIBILITIES.indexOf(level))
  return VISIBILITIES[Math.min(...ranks)] ?? 'public'
}

function checkOne({ filter, level, masks }: Scope): void {
  parseQuery(filter)
  if (!VISIBILITIES.includes(level)) throw refuse('/level', `must be one of ${VISIBILITIES.join(', ')}`)
  if (masks.length > MAX_MASKS) throw refuse('/masks', `has more than ${MAX_MASKS}`)
  for (const [nth, { paths, unless }] of masks.entries()) {
    if (unless !== undefined) parseQuery(unless)
    if (paths.length > MAX_MASKS) throw refuse(`/masks/${nth}/paths`, `has more than ${MAX_MASKS}`)
    for (const [at, path] of paths.entries())
      if (!isMaskable(path))
        throw refuse(`/masks/${nth}/paths/${at}`, 'does not point to a field that can be masked')
  }
}

/** One scope as a query, without its masks and what it is within. */
export function scopeQuery({ filter, level }: Scope): Query {
  const visible = level === 'operator' ? '' : level === 'owner' ? '-visibility:operator' : 'visibility:public'
  return and([parseQuery(filter), parseQuery(visible)])
}

function isMaskable(path: string): boolean {
  if (typeof path !== 'string' || !isPointer(path)) return false
  const [head = '', member] = parsePointer(path)
  if (head === 'outcome') return member !== undefined && OUTCOME_MEMBERS.has(member)
  if (head === 'actor') return member === undefined || ACTOR_MEMBERS.has(member)
  return MASKABLE.has(head)
}

function refuse(path: string, what: string): AnnalsError {
  return new AnnalsError('ANNALS_INVALID', `scope ${path}: ${what}`, { path })
}
