import type { Scope } from 'annals'
import { AnnalsError } from 'annals/model'
import type { Principal } from './principal.ts'

/** Whether a scope, and all that it is within, leaves out no event. */
export function isUnfiltered(scope: Scope): boolean {
  const isAll = scope.filter.trim() === '' && scope.level === 'operator'
  return isAll && (scope.within === undefined || isUnfiltered(scope.within))
}

/** Whether a scope shows everything of every event. */
function isWhole(scope: Scope): boolean {
  const isOwnWhole = scope.filter.trim() === '' && scope.level === 'operator' && scope.masks.length === 0
  return isOwnWhole && (scope.within === undefined || isWhole(scope.within))
}

/**
 * For what tells of every event that it happened, those for operators too: entry bundles. A key of an operator with the scope
 * `verify` alone reads these and no event.
 *
 * @throws AnnalsError ANNALS_DENIED when the principal sees a part of the log only
 */
export function requireUnfiltered({ scope }: Principal): void {
  if (!isUnfiltered(scope)) throw denied('Entries tell of every event that it happened')
}

/**
 * For what is done to, or taken from, the log as a whole: acts, evidence, everything about a person.
 *
 * @throws AnnalsError ANNALS_DENIED when anything is withheld from the principal
 */
export function requireWhole({ scope }: Principal): void {
  if (!isWhole(scope)) throw denied('This is about the log as a whole')
}

function denied(why: string): AnnalsError {
  return new AnnalsError('ANNALS_DENIED', `${why}, and you are shown a part of it.`, {
    hint: 'It takes a token of an operator, without tenant, project or filter.',
  })
}
