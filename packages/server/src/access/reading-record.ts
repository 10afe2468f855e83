import { createHash } from 'node:crypto'
import type { LocalTrail } from 'annals'
import type { Json } from 'annals/model'
import type { Logger } from 'pino'
import type { Principal } from './principal.ts'
import { cutQuery } from './token-log.ts'

/** What was done with the events of others. */
export type ReadingKind = 'list' | 'get' | 'count' | 'stream' | 'export' | 'receipt' | 'entity' | 'metrics'

/** Reading that is recorded anew each time, and refused when it cannot be: what takes events away. */
const ALWAYS: ReadonlySet<ReadingKind> = new Set<ReadingKind>(['export'])
/** How long the same reading by the same principal is one reading, milliseconds. */
const SAME_MS = 60_000
/** Most readings remembered as recorded; beyond it the oldest may be recorded again. */
const REMEMBERED = 10_000

/**
 * Records who reads the events of others, as `log.access`. The same question asked again within a minute is recorded once, so
 * that a page which is refreshed, or a stream that shows the log's own events, does not make the log grow by being watched.
 */
export class ReadingRecord {
  readonly #trail: Pick<LocalTrail, 'recordKeeping'>
  readonly #log: Logger
  readonly #now: () => number
  /** When a reading was recorded, by its digest. */
  readonly #recorded = new Map<string, number>()

  constructor(trail: Pick<LocalTrail, 'recordKeeping'>, log: Logger, now: () => number = Date.now) {
    this.#trail = trail
    this.#log = log
    this.#now = now
  }

  /**
   * Records a reading before it is answered. An export is refused when it cannot be recorded; other reading goes on, and the
   * failure is logged.
   *
   * @param what the question: query, position, entity. Texts in it are kept up to 500 characters
   * @throws AnnalsError when an export cannot be recorded
   */
  async record(principal: Principal, kind: ReadingKind, what: Readonly<Record<string, Json>>): Promise<void> {
    if (principal.own) return
    const always = ALWAYS.has(kind)
    const name = digestOf([principal.credential, kind, what])
    if (!always && this.#isKnown(name)) return
    const { actor, origin } = principal
    try {
      await this.#trail.recordKeeping('log.access', {
        actor,
        ...(origin === undefined ? {} : { origin }),
        data: { kind, ...cut(what) },
      })
    } catch (error) {
      this.#recorded.delete(name)
      if (always) throw error
      this.#log.error({ kind, code: (error as { code?: unknown }).code }, 'reading could not be recorded')
    }
  }

  #isKnown(name: string): boolean {
    const now = this.#now()
    const last = this.#recorded.get(name)
    if (last !== undefined && now - last < SAME_MS) return true
    this.#recorded.delete(name)
    this.#recorded.set(name, now)
    if (this.#recorded.size > REMEMBERED) {
      const [oldest] = this.#recorded.keys()
      if (oldest !== undefined) this.#recorded.delete(oldest)
    }
    return false
  }
}

/** Of the whole question, also where the record keeps a part: questions that begin alike are not the same. */
function digestOf(reading: Json): string {
  return createHash('sha256').update(JSON.stringify(reading)).digest('base64url')
}

function cut(what: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(what).map(([name, value]) => [name, typeof value === 'string' ? cutQuery(value) : value]),
  )
}
