import assert from 'node:assert/strict'
import type { Store } from '../../log/store.ts'
import type { StoreSuiteOptions } from '../store-suite-options.ts'
import { CommonLog } from './common-log.ts'
import { SampleLog } from './sample-log.ts'

let places = 0

/** Where one law is proved: opens stores at places of its own, and closes what is left open. */
export class Bench {
  readonly supports: StoreSuiteOptions['supports']
  readonly #options: StoreSuiteOptions
  readonly #common: CommonLog
  readonly #open = new Map<Store, string>()

  private constructor(options: StoreSuiteOptions, common: CommonLog | undefined) {
    this.#options = options
    this.#common = common ?? new CommonLog(() => this.open())
    this.supports = options.supports
  }

  /** A store at a new place, to be shared by laws. */
  static common(options: StoreSuiteOptions): CommonLog {
    return new CommonLog(() => options.open(newPlace()))
  }

  /**
   * Proves a law, and closes its stores whatever comes out.
   *
   * @param common what laws share; it is closed when this one fails, so that no other stumbles over what is left of it
   */
  static async prove(
    options: StoreSuiteOptions,
    law: { prove(bench: Bench): Promise<void> },
    common?: CommonLog,
  ): Promise<void> {
    const bench = new Bench(options, common)
    try {
      await law.prove(bench)
    } catch (error) {
      // The law's failure is the one to report.
      await Promise.allSettled([bench.#closeAll(), common?.close()])
      throw error
    }
    await bench.#closeAll()
  }

  /** Opens a store at a new place. */
  async open(): Promise<Store> {
    const where = newPlace()
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

  /** A store that other laws of the theme may have used. */
  async commonStore(): Promise<Store> {
    return await this.#common.store()
  }

  /** A log that other laws of the theme may have appended to: for laws that hold of any log. It cannot be reopened. */
  async commonLog(): Promise<SampleLog> {
    return await this.#common.log()
  }

  async #closeAll(): Promise<void> {
    const stores = [...this.#open.keys()]
    this.#open.clear()
    for (const store of stores) await store.close()
  }
}

function newPlace(): string {
  return `place-${++places}`
}
