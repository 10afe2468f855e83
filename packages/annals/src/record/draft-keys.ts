import { randomUUID } from 'node:crypto'
import type { NormalEvent } from '../model/index.ts'

/** Idempotency keys of events that bring none: never those of another recorder, or of a later run. */
export class DraftKeys {
  readonly #run: string = randomUUID()
  #count = 0

  /** The event with a key. */
  keyed(event: NormalEvent): NormalEvent & Required<Pick<NormalEvent, 'key'>> {
    const { key = { system: '', key: `${this.#run}/${++this.#count}` } } = event
    return { ...event, key }
  }
}
