import { Item, type Waiter } from '../log/item.ts'
import type { Sequencer } from '../log/sequencer.ts'
import { timedOut } from '../log/sequencer-limits.ts'
import { AnnalsError } from '../model/index.ts'
import type { ReadyForLog } from './admission.ts'
import type { Hand, Terms } from './handing.ts'
import type { Recorded } from './recorded.ts'
import type { Recorder } from './recorder.ts'

/**
 * Hands events to the log of this process.
 *
 * @param patienceMs how long the sequencer lets any event wait
 */
export function handToLog(recorder: Recorder, sequencer: Sequencer, patienceMs: number): Hand<ReadyForLog> {
  return ({ admitted }, terms) => {
    const { promise, resolve, reject } = Promise.withResolvers<Recorded>()
    const waiter: Waiter = {
      recorded: ({ id, index }, duplicate) =>
        resolve(duplicate ? { id, index, level: 'stored', duplicate: true } : { id, index, level: 'stored' }),
      refused: ({ notAwaited }, error) =>
        reject(error.code === 'ANNALS_TIMEOUT' ? late(terms, notAwaited) : error),
    }
    // The sequencer has one patience for all: who may wait for less has waited already.
    const item = new Item(admitted, waiter, 0, performance.now() - (patienceMs - terms.patienceMs))
    item.late = () => terms.late({ id: item.id, index: item.index, level: 'stored' })
    recorder.hand(item)
    return {
      id: item.settled ? '' : item.id,
      answer: promise,
      withdraw: () => sequencer.giveUp(item),
      deny: () => recorder.deny(item),
    }
  }
}

function late({ patienceMs, retries }: Terms, isSent: boolean): AnnalsError {
  if (retries) return timedOut(patienceMs, isSent)
  return new AnnalsError('ANNALS_TIMEOUT', `Not durable within ${patienceMs} ms.`, {
    hint: 'Check the disk.',
  })
}
