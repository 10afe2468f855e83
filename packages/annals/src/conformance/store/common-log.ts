import type { Store } from '../../log/store.ts'
import { SampleLog } from './sample-log.ts'

/** One opened store, and the log in it, for all laws of a theme that ask for it. It is opened when the first asks. */
export class CommonLog {
  readonly #open: () => Promise<Store>
  #store: Promise<Store> | undefined
  #log: Promise<SampleLog> | undefined

  constructor(open: () => Promise<Store>) {
    this.#open = open
  }

  store(): Promise<Store> {
    this.#store ??= this.#open()
    return this.#store
  }

  log(): Promise<SampleLog> {
    this.#log ??= this.store().then(store => SampleLog.on(store))
    return this.#log
  }

  /** Closes what is open; who asks afterwards gets a new one. */
  async close(): Promise<void> {
    const store = this.#store
    this.#store = undefined
    this.#log = undefined
    await (await store)?.close()
  }
}
