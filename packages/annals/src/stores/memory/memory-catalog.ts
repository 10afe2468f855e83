import { type Catalog, catalogFromManifest } from '../../catalog/index.ts'
import { eventAt } from './memory-event.ts'
import type { MemoryLog } from './memory-log.ts'

/** The catalog in force, as the newest `log.catalog` entry states it. */
export class MemoryCatalog {
  readonly #log: MemoryLog
  #seen = 0
  #catalog: Catalog | undefined

  constructor(log: MemoryLog) {
    this.#log = log
  }

  /** The catalog now; undefined before the first. Looks only at what is new. */
  current(): Catalog | undefined {
    const size = this.#log.size
    for (let index = size - 1; index >= this.#seen; index--) {
      if (this.#log.at(index).entry?.action !== 'log.catalog') continue
      const data = eventAt(this.#log, index)?.data
      if (data === undefined) continue
      this.#catalog = catalogFromManifest(data)
      break
    }
    this.#seen = size
    return this.#catalog
  }
}
