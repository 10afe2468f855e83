import { Item, type Waiter } from '../log/item.ts'
import type { AnnalsError, Draft } from '../model/index.ts'
import type { Admission } from './admission.ts'
import type { Recorded, Refused } from './recorded.ts'
import type { Carrier, Line, Retry } from './spool/carrier.ts'
import { toAnnalsError } from './to-annals-error.ts'
import { isUnavailable } from './unavailable.ts'
import { GroupWaiter } from './waiters.ts'

/** What takes items over. */
export interface LogEntrance {
  hand(item: Item): void
  giveUp(item: Item): void
}

/** Takes spooled drafts into the log of this process. */
export class LogCarrier implements Carrier {
  readonly #admission: Admission
  readonly #log: LogEntrance

  constructor(admission: Admission, log: LogEntrance) {
    this.#admission = admission
    this.#log = log
  }

  carry(lines: readonly Line[]): Promise<readonly (Recorded | Refused)[]> {
    return new Promise(resolve => {
      const group = new GroupWaiter(lines.length, resolve)
      const items: Item[] = []
      let isStopped = false
      const waiter: Waiter = {
        recorded: (item, duplicate) => group.recorded(item, duplicate),
        refused: (item, error) => {
          group.refused(item, error)
          if (isStopped || !isUnavailable(error)) return
          // What comes after one that must be tried again is tried again after it.
          isStopped = true
          for (const one of items) this.#log.giveUp(one)
        },
      }
      for (const [slot, line] of lines.entries()) {
        try {
          const admitted = this.#admission.readmit(JSON.parse(line.line) as Draft, line.timeless)
          items.push(new Item(admitted, waiter, slot, performance.now()))
        } catch (error) {
          group.refuse(slot, toAnnalsError(error))
        }
      }
      for (const item of items) {
        // Nobody was refused: when it becomes durable it is found again by its key.
        item.late = () => {}
        this.#log.hand(item)
      }
    })
  }

  /** A log that is closed may be opened again. */
  retry(error: AnnalsError): Retry | undefined {
    return isUnavailable(error) || error.code === 'ANNALS_CLOSED' ? {} : undefined
  }
}
