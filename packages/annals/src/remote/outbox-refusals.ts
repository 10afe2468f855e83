import { AnnalsError } from '../model/index.ts'
import type { Terms } from '../record/handing.ts'

/** The refusal of an event that had no answer in time: it was taken back, or the server may have it. */
export function timedOut({ patienceMs, retries }: Terms, fate: 'withdrawn' | 'disowned'): AnnalsError {
  if (!retries)
    return new AnnalsError('ANNALS_TIMEOUT', `The server did not answer within ${patienceMs} ms.`, {
      hint: 'Check the server.',
    })
  const then =
    fate === 'withdrawn'
      ? 'The event was withdrawn.'
      : 'If the server has it, an outcome "denied" with code ANNALS_NOT_AWAITED follows it.'
  return new AnnalsError('ANNALS_TIMEOUT', `The server did not answer within ${patienceMs} ms. ${then}`, {
    hint: 'The action must not happen. Check the server, then try again.',
  })
}

/** The refusal of a trail that is closed. */
export function closed(): AnnalsError {
  return new AnnalsError('ANNALS_CLOSED', 'The trail is closed.', { hint: 'Open it again.' })
}
