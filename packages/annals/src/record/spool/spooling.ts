import { AnnalsError } from '../../model/index.ts'
import type { Handed, Ready } from '../handing.ts'
import type { Recorded } from '../recorded.ts'
import { within } from '../within.ts'
import type { Carrier } from './carrier.ts'
import { Disowned } from './disowned.ts'
import { Shipper } from './shipper.ts'
import type { Spool } from './spool.ts'

/** What a spool is put to work with. */
export interface SpoolingPorts {
  readonly spool: Spool
  readonly carrier: Carrier
  /** Whether an event that was refused for this reason is spooled. */
  readonly isUnavailable: (error: AnnalsError) => boolean
  readonly report: (error: Error) => void
  /** How long a write to the spool may take, ms. */
  readonly patienceMs: number
}

interface Waiting {
  readonly ready: Ready
  readonly handed: Handed
  readonly resolve: (recorded: Recorded | Promise<Recorded>) => void
}

/**
 * Keeps events on this machine that cannot be recorded in time, and records them later, in order and once.
 *
 * As soon as one of them cannot be recorded, all that wait for an answer are spooled in the order in which they came, and what comes then
 * goes behind them until nothing is spooled any more. One that was with the store by then may become durable by itself: its idempotency
 * key makes it one event. Therefore each needs a key.
 */
export class Spooling {
  readonly #ports: SpoolingPorts
  readonly #shipper: Shipper
  readonly #disowned: Disowned
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>()

  constructor(ports: SpoolingPorts) {
    this.#ports = ports
    this.#disowned = new Disowned(ports.carrier)
    this.#shipper = new Shipper(ports.spool, this.#disowned, ports.report)
  }

  /** Events are spooled: what comes now must go behind them. */
  get isBehind(): boolean {
    return this.#shipper.isRunning
  }

  /** Bytes of the events that are spooled. */
  get bytes(): number {
    return this.#ports.spool.bytes
  }

  /** Goes on with what an earlier run left. */
  begin(): void {
    if (!this.#ports.spool.isEmpty) this.#shipper.start()
  }

  /** Spools an event; resolves when it is durable. @throws AnnalsError ANNALS_OVERLOADED, ANNALS_TIMEOUT, ANNALS_DISK_FULL, ANNALS_STORE */
  async add(ready: Ready): Promise<Recorded> {
    const { spool, patienceMs } = this.#ports
    const durable = spool.add(ready)
    this.#shipper.start()
    await within(durable, patienceMs, () => {
      this.#disowned.add(ready.key, durable)
      return new AnnalsError('ANNALS_TIMEOUT', `Not durable in the spool within ${patienceMs} ms.`, {
        hint: 'The action must not happen. Check the disk of the spool.',
      })
    })
    return { id: ready.key, index: -1, level: 'queued', spooled: true }
  }

  /** Waits for an event that was handed over; it is spooled when it cannot be recorded. @throws AnnalsError */
  async recorded(ready: Ready, handed: Handed): Promise<Recorded> {
    const { promise, resolve } = Promise.withResolvers<Recorded>()
    const waiting = { ready, handed, resolve }
    this.#waiting.add(waiting)
    handed.answer.then(
      recorded => {
        this.#waiting.delete(waiting)
        resolve(recorded)
      },
      (error: AnnalsError) => {
        if (!this.#waiting.has(waiting)) return
        if (this.#ports.isUnavailable(error)) {
          this.#ports.report(error)
          this.takeOver()
        } else {
          this.#waiting.delete(waiting)
          resolve(Promise.reject(error))
        }
      },
    )
    return await promise
  }

  /** Spools everything that waits for an answer. */
  takeOver(): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const { ready, handed, resolve } of all) {
      handed.withdraw()
      resolve(this.add(ready))
    }
  }

  /**
   * Resolves when nothing is spooled any more.
   *
   * @throws AnnalsError ANNALS_TIMEOUT when something still is after so many milliseconds
   */
  async emptied(patienceMs: number): Promise<void> {
    this.#shipper.hurry()
    await within(
      this.#shipper.settled(),
      patienceMs,
      () =>
        new AnnalsError(
          'ANNALS_TIMEOUT',
          `${this.bytes} bytes of events are in the spool, and cannot be recorded now.`,
          { hint: 'They are durable there, and are recorded as soon as that is possible.' },
        ),
    )
  }

  /** Records nothing more from the spool; what is under way is waited for. */
  async pause(): Promise<void> {
    await this.#shipper.close()
  }

  /** Spools what still waits; what is spooled stays for the next run. */
  async close(): Promise<void> {
    this.takeOver()
    await this.pause()
    await this.#ports.spool.close()
  }
}
