import type { Store, StoreSupports } from '../log/store.ts'

/** The store under test, and how to come by it. */
export interface StoreSuiteOptions {
  /** Name in the titles of the tests. */
  readonly name: string
  /** Opens a store at a place for writing. A new place holds an empty log. */
  readonly open: (where: string) => Promise<Store>
  /** What the store must say that it supports. Laws that need more are skipped and counted. */
  readonly supports: StoreSupports
  /** Opens a place whose store was closed. @defaultValue `open` */
  readonly reopen?: ((where: string) => Promise<Store>) | undefined
}
