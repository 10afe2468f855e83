import assert from 'node:assert/strict'
import type { Store } from '../../log/store.ts'
import type { StoreSuiteOptions } from '../store-suite.ts'
import type { Law } from './law.ts'
import { SampleLog } from './sample-log.ts'

let places = 0

/** Where one law is proved: opens stores at places of its own, and closes what is left open. */
export class Bench {
  readonly supports: StoreSuiteOptions['supports']
  readonly #options: StoreSuiteOptions
  readonly #open = new Map<Store, string>()

  private constructor(options: StoreSuiteOptions) {
    this.#options = options
    this.supports = options.supports
  }

  /** Proves a law, and closes its stores whatever comes out. */
  static async prove(options: StoreSuiteOptions, law: Law): Promise<void> {
    const bench = new Bench(options)
    try {
      await law.prove(bench)
    } catch (error) {
      // The law's failure is the one to report.
      await bench.#closeAll().catch(() => {})
      throw error
    }
    await bench.#closeAll()
  }

  /** Opens a store at a new place. */
  async open(): Promise<Store> {
    const where = `place-${++places}`
    const store = await this.#options.open(where)
    this.#open.set(store, where)
    return store
  }

  /** Closes a store and opens its place again. */
  async reopen(store: Store): Promise<Store> {
    const where = this.#open.get(store)
    assert.ok(where !== undefined, 'the store is not open')
    this.#open.delete(store)
    await store.close()
    const again = await (this.#options.reopen ?? this.#options.open)(where)
    this.#open.set(again, where)
    return again
  }

  /** An empty log at a new place, ready to be written. */
  async log(): Promise<SampleLog> {
    return await SampleLog.on(await this.open())
  }

  async #closeAll(): Promise<void> {
    const stores = [...this.#open.keys()]
    this.#open.clear()
    for (const store of stores) await store.close()
  }
}
