import { randomUUID } from 'node:crypto'
import type { Catalog } from '../catalog/index.ts'
import {
  AnnalsError,
  DEFAULT_LIMITS,
  type Draft,
  draftOf,
  type NormalEvent,
  normalizeDraft,
} from '../model/index.ts'

/** Longest line that a server takes, bytes. */
const LONGEST_LINE = 1024 * 1024

/** A draft that is ready to be sent: checked, with a time and an idempotency key, as JSON. */
export interface Prepared {
  /** One line of NDJSON, without its end. */
  readonly line: string
  /** Its idempotency key. */
  readonly key: string
  readonly bytes: number
  /** The producer gave a key and no time: another use of the key may differ in it. */
  readonly timeless: boolean
}

/** Prepares drafts as an embedded trail admits them: the same draft is refused here, for the same reason, before it is sent. */
export class Preparation {
  readonly #catalog: Catalog | undefined
  /** Names this client: its keys are never those of another one, or of a later run. */
  readonly #client: string = randomUUID()
  #count = 0

  /** @param catalog event types to check against. @defaultValue none: the server's alone counts */
  constructor(catalog: Catalog | undefined) {
    this.#catalog = catalog
  }

  /**
   * Prepares one draft; a promise only when the schema of its type is asynchronous.
   *
   * @throws AnnalsError as a trail does
   */
  prepare(draft: Draft): Prepared | Promise<Prepared> {
    const normal = normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: Date.now() })
    const timeless = draft.occurredAt === undefined && normal.key !== undefined
    const admitted = this.#catalog === undefined ? normal : this.#catalog.admit(normal)
    if (admitted instanceof Promise) return admitted.then(event => this.#finish(event, timeless))
    return this.#finish(admitted, timeless)
  }

  #finish(event: NormalEvent, timeless: boolean): Prepared {
    const draft = draftOf(event)
    const key = event.key?.key ?? `${this.#client}/${++this.#count}`
    const line = JSON.stringify(event.key === undefined ? { ...draft, id: key } : draft)
    const bytes = Buffer.byteLength(line)
    if (bytes > LONGEST_LINE) {
      throw new AnnalsError('ANNALS_LIMIT', `The event is larger than ${LONGEST_LINE} bytes.`, {
        path: '',
        hint: 'Keep large content elsewhere, and record its hash.',
      })
    }
    return { line, key, bytes, timeless }
  }
}

/** The same draft without its time: what a use of a key is compared with that gave none. */
export function withoutTime(line: string): string {
  const { occurredAt: _, ...rest } = JSON.parse(line) as Draft
  return JSON.stringify(rest)
}
