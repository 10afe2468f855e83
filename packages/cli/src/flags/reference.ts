import { UsageFailure } from '../failure/failure.ts'

/** A thing or person as the command line names one: type and id. */
export interface Reference {
  readonly type: string
  readonly id: string
}

/**
 * Reads `type/id`; the id may hold further slashes.
 *
 * @throws UsageFailure
 */
export function referenceOf(flag: string, text: string): Reference {
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1) {
    throw new UsageFailure(`${flag}: "${text}" is not type/id`, { hint: `Write it as ${flag} user/alice.` })
  }
  return { type: text.slice(0, slash), id: text.slice(slash + 1) }
}
