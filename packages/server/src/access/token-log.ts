import type { LocalTrail } from 'annals'
import type { Actor, Json, Origin, Target } from 'annals/model'
import type { Principal } from './principal.ts'

/** Who changes something about access, and from where. */
export type By = Pick<Principal, 'actor' | 'origin'>

/** A change of who has access. Secrets and their hashes are never part of it. */
export interface TokenChange {
  readonly change: 'create' | 'revoke' | 'mint' | 'revoke-subject'
  readonly targets: readonly Target[]
  readonly facts: Readonly<Record<string, Json | undefined>>
}

/** Records changes of access: before they take effect, or they do not. */
export interface TokenLog {
  /** @throws AnnalsError when it cannot be recorded: then the change must not be made */
  record(change: TokenChange, by: By): Promise<void>
  /** The change was recorded, and then could not be made. Best effort: it takes nothing from anyone. */
  failed(change: TokenChange, by: By): Promise<void>
}

/** The server itself: its first key is made by nobody. */
export const SERVER: By = { actor: { type: 'system', id: 'annals-server' } }

/** Longest query that is kept in the record, UTF-16 units. */
const LONGEST_QUERY = 500

/** Records changes of access as `log.token`. */
export function tokenLog(trail: LocalTrail): TokenLog {
  const write = async (
    { change, targets, facts }: TokenChange,
    { actor, origin }: { readonly actor: Actor; readonly origin?: Origin | undefined },
    outcome: 'success' | 'failure',
  ): Promise<void> => {
    await trail.recordKeeping('log.token', {
      actor,
      ...(origin === undefined ? {} : { origin }),
      targets,
      outcome,
      data: { change, ...present(facts) },
    })
  }
  return {
    record: (change, by) => write(change, by, 'success'),
    failed: (change, by) => write(change, by, 'failure').catch(() => {}),
  }
}

/** A query as it is kept in records of the log: enough to know it by. */
export function cutQuery(query: string): string {
  if (query.length <= LONGEST_QUERY) return query.toWellFormed()
  const cut = query.slice(0, LONGEST_QUERY)
  // Half a character is none.
  return `${(cut.isWellFormed() ? cut : cut.slice(0, -1)).toWellFormed()}…`
}

function present(facts: TokenChange['facts']): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
