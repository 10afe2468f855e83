import { problemOf } from '../http/problem.ts'
import type { Ending } from './delivery.ts'

/** What a client is told of the end of a stream: why, where to go on, and the code of what failed. */
export function endingOf({ reason, resume, error }: Ending): object {
  return error === undefined
    ? { reason, resume }
    : { reason, resume, code: problemOf(error, '').problem.code }
}
