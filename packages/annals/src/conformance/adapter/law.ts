import type { Bench, Wish } from './bench.ts'

/** A law of adapters, and the test that it holds. */
export interface AdapterLaw {
  readonly title: string
  readonly wish?: Wish
  prove(bench: Bench): Promise<void>
}
