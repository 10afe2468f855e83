import type { AuditEvent } from '../../model/index.ts'
import { authorisedParts } from '../../verify/authorised-parts.ts'

/** Actions whose entries explain why something of an event is not there. */
export const AUTHORITY_QUERY = 'action:log.erasure,log.redaction,log.retention,log.archive'

/** Which entries of a log explain that parts or entries are gone. Memory grows with what was erased, not with events. */
export class Authorities {
  readonly #parts = new Map<string, number>()

  add({ index, action, data }: AuditEvent): void {
    if (action !== 'log.erasure' && action !== 'log.redaction') return
    for (const [at, name] of authorisedParts(index, data)) this.#parts.set(`${at}/${name}`, index)
  }

  /** Position of the entry that orders a part to be erased. */
  ofPart(index: number, name: string): number | undefined {
    return this.#parts.get(`${index}/${name}`)
  }

  /** Whether an entry lets others be thinned to their leaf hashes. */
  static thins({ action }: AuditEvent): boolean {
    return action === 'log.retention' || action === 'log.archive'
  }
}
