import type { StoreSupports } from '../../log/store.ts'
import type { Bench } from './bench.ts'

/** One law of the store contracts, with the test that it holds. */
export interface Law {
  /** The law as a sentence. */
  readonly title: string
  /** Capability without which there is nothing to prove. */
  readonly needs?: keyof StoreSupports
  /** Rejects when the law is broken. */
  prove(bench: Bench): Promise<void>
}
