import { type Catalog, catalogFromManifest } from '../../../catalog/index.ts'
import type { AuditEvent } from '../../../model/index.ts'

/** The catalog in force, as the newest `log.catalog` entry states it. */
export class CatalogView {
  readonly #newest: (from: number, to: number) => readonly AuditEvent[]
  #catalog: Catalog | undefined
  #seen = 0

  constructor(newest: (from: number, to: number) => readonly AuditEvent[]) {
    this.#newest = newest
  }

  /** The catalog as of a size of the log; undefined before the first. Looks only at what is new. */
  at(size: number): Catalog | undefined {
    if (size > this.#seen) {
      const [event] = this.#newest(this.#seen, size)
      if (event?.data !== undefined) this.#catalog = catalogFromManifest(event.data)
      this.#seen = size
    }
    return this.#catalog
  }
}
