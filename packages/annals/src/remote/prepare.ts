import type { Catalog } from '../catalog/index.ts'
import {
  AnnalsError,
  DEFAULT_LIMITS,
  type Draft,
  draftOf,
  type NormalEvent,
  normalizeDraft,
} from '../model/index.ts'
import { DraftKeys } from '../record/draft-keys.ts'
import type { Intake, Normalized, Ready } from '../record/handing.ts'

/** Longest line that a server takes, bytes. */
const LONGEST_LINE = 1024 * 1024

/** A draft that is ready to be sent: checked, with a time and an idempotency key, as JSON. */
export interface Prepared extends Ready {
  readonly bytes: number
}

/** Prepares drafts as an embedded trail admits them: the same draft is refused here, for the same reason, before it is sent. */
export class Preparation implements Intake<Prepared> {
  readonly #catalog: Catalog | undefined
  readonly #keys = new DraftKeys()

  /** @param catalog event types to check against. @defaultValue none: the server's alone counts */
  constructor(catalog: Catalog | undefined) {
    this.#catalog = catalog
  }

  normalize(draft: Draft): Normalized {
    const now = Date.now()
    const event = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now })
    return { event, now, timeless: draft.occurredAt === undefined && event.key !== undefined }
  }

  complete(
    event: NormalEvent,
    timeless: boolean,
    reduce: (event: NormalEvent) => NormalEvent = whole => whole,
  ): Prepared | Promise<Prepared> {
    const admitted = this.#catalog === undefined ? event : this.#catalog.admit(event)
    if (admitted instanceof Promise) return admitted.then(one => this.#finish(reduce(one), timeless))
    return this.#finish(reduce(admitted), timeless)
  }

  #finish(event: NormalEvent, timeless: boolean): Prepared {
    const keyed = this.#keys.keyed(event)
    const line = JSON.stringify(draftOf(keyed))
    const bytes = Buffer.byteLength(line)
    if (bytes > LONGEST_LINE) {
      throw new AnnalsError('ANNALS_LIMIT', `The event is larger than ${LONGEST_LINE} bytes.`, {
        path: '',
        hint: 'Keep large content elsewhere, and record its hash.',
      })
    }
    return { line, key: keyed.key.key, bytes, timeless }
  }
}

/** The same draft without its time: what a use of a key is compared with that gave none. */
export function withoutTime(line: string): string {
  const { occurredAt: _, ...rest } = JSON.parse(line) as Draft
  return JSON.stringify(rest)
}
