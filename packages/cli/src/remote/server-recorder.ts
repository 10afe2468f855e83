import type { Draft, Recorded, Refused } from 'annals'
import { AnnalsError } from 'annals/model'
import { EXIT_OF } from '../failure/exit-codes.ts'
import { isOnTheWay } from '../failure/from-error.ts'

/** Records drafts: the part of a trail that is used here. */
interface Recording {
  recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]>
}

/** A server to record into. A draft that has no answer in time is no refused draft: the server is not there. */
export function serverRecorder(trail: Recording): Recording {
  return {
    async recordAll(drafts) {
      const answers = await trail.recordAll(drafts)
      return answers.map(answer => ('error' in answer ? { error: onTheWay(answer.error) } : answer))
    },
  }
}

function onTheWay(error: AnnalsError): AnnalsError {
  const isLate = EXIT_OF[error.code] === 7 || error.code === 'ANNALS_NOT_AWAITED'
  if (!isLate || isOnTheWay(error)) return error
  const { code, message, hint } = error
  const late = new AnnalsError(code, message, hint === undefined ? {} : { hint })
  return Object.assign(late, { transient: true })
}
