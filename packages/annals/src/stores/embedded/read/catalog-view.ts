import { type Catalog, catalogFromManifest } from '../../../catalog/index.ts'
import type { AuditEvent } from '../../../model/index.ts'

/** The catalog in force, as the newest `log.catalog` entry states it. */
export class CatalogView {
  readonly #newest: (from: number, to: number) => AuditEvent | undefined
  #catalog: Catalog | undefined
  #seen = 0

  /** @param newest the newest statement in a range of positions whose content is still there */
  constructor(newest: (from: number, to: number) => AuditEvent | undefined) {
    this.#newest = newest
  }

  /** The catalog as of a size of the log; undefined before the first. Looks only at what is new. */
  at(size: number): Catalog | undefined {
    if (size > this.#seen) {
      const event = this.#newest(this.#seen, size)
      if (event !== undefined) this.#catalog = catalogFromManifest(event.data)
      this.#seen = size
    }
    return this.#catalog
  }
}
