import { AnnalsError } from 'annals/model'
import { HttpError, problemOf } from '../../http/problem.ts'
import { CODES, type RpcError } from './message.ts'

/** HTTP statuses that say "later". */
const LATER: ReadonlySet<number> = new Set([429, 503, 507])

/** A request whose parameters do not fit its method. */
export class ParamsError extends Error {
  readonly fault: HttpError

  constructor(fault: HttpError) {
    super(fault.message)
    this.fault = fault
  }
}

/** The error of an answer, and whether an operator should look at it. Never a stack, never what the machine said. */
export function failureOf(
  thrown: unknown,
  requestId: string,
): { readonly error: RpcError; readonly isFault: boolean } {
  const cause = thrown instanceof ParamsError ? thrown.fault : thrown
  const isKnown = cause instanceof AnnalsError || cause instanceof HttpError
  const { problem, fault } = problemOf(cause, requestId)
  const { code, path, position, errors, status } = problem
  const hint = thrown instanceof ParamsError ? 'See spec/rpc-v1.md for what each method takes.' : problem.hint
  const retryable = cause instanceof AnnalsError ? cause.retryable : LATER.has(status)
  return {
    error: {
      code: thrown instanceof ParamsError ? CODES.params : isKnown ? CODES.refused : CODES.internal,
      message: problem.detail ?? problem.title,
      data: { code, path, position, hint, errors, retryable, requestId },
    },
    isFault: fault,
  }
}
