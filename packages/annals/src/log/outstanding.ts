import { AnnalsError } from '../model/index.ts'
import type { Epoch, Item } from './item.ts'

/** Counts the events that have been accepted and not yet answered for, and waits for them. */
export class Outstanding {
  #count = 0
  #bytes = 0
  #epochs: [Epoch, ...Epoch[]] = [{ open: 0, waiting: [] }]

  get count(): number {
    return this.#count
  }

  /** Their size in memory, roughly. */
  get bytes(): number {
    return this.#bytes
  }

  add(item: Item): void {
    item.epoch = this.#epochs[0]
    item.epoch.open++
    this.#count++
    this.#bytes += item.weight
  }

  /** An item is forgotten once, though it may have run out of time and be answered for later. */
  forget(item: Item): void {
    const { epoch } = item
    if (epoch === undefined) return
    item.epoch = undefined
    this.#count--
    this.#bytes -= item.weight
    if (--epoch.open === 0) for (const resolve of epoch.waiting.splice(0)) resolve()
  }

  /**
   * Resolves when everything that came before has its answer; what comes meanwhile is not waited for.
   *
   * @throws AnnalsError ANNALS_TIMEOUT naming how many events have no answer yet
   */
  async settled(patienceMs: number): Promise<void> {
    const before = this.#epochs.filter(epoch => epoch.open > 0)
    this.#epochs = [{ open: 0, waiting: [] }, ...before]
    const answered = Promise.all(
      before.map(epoch => new Promise<void>(resolve => epoch.waiting.push(resolve))),
    )
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<'late'>(resolve => {
      timer = setTimeout(() => resolve('late'), patienceMs)
    })
    const late = await Promise.race([answered, patience])
    clearTimeout(timer)
    if (late !== 'late') return
    throw new AnnalsError(
      'ANNALS_TIMEOUT',
      `The store has not answered for ${this.#count} events; whether they are durable is unknown.`,
      { hint: 'Check the disk, open the log again, and compare it with the source of the events.' },
    )
  }
}
