import { AnnalsError, type Draft, ERROR_CODES, type ErrorCode } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'

/** Options of {@link submit}. */
export interface SubmitOptions {
  /** Directory of a log that another process writes. */
  readonly dir: string
  readonly drafts: readonly Draft[]
  /** Longest wait for that process, in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number | undefined
}

/**
 * Has the process that holds a log record these drafts: leaves a durable request in its inbox and waits for the answer.
 *
 * @throws AnnalsError ANNALS_LOCKED naming the holder when it does not answer in time
 */
export async function submit(options: SubmitOptions): Promise<(Recorded | Refused)[]> {
  const { leaveRequest } = await import('../stores/embedded/index.ts')
  const answers = await leaveRequest(options.dir, options.drafts, options.timeoutMs ?? 10_000)
  return answers.map(answer => {
    if (!('error' in answer)) return { ...answer, level: 'stored' }
    const { code, message, ...details } = answer.error
    return {
      error: new AnnalsError(
        Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ANNALS_STORE',
        message,
        details,
      ),
    }
  })
}
