import type { Act, Progress } from '../lifecycle/act.ts'
import type { InboxError } from '../log/store.ts'
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
    if (!('error' in answer)) return { level: 'stored', ...answer }
    return { error: fromInbox(answer.error) }
  })
}

/** Options of {@link submitAct}. */
export interface SubmitActOptions<Request, Result> {
  /** Directory of a log that another process writes. */
  readonly dir: string
  readonly act: Act<Request, Result>
  readonly request: Request
  /** Longest wait without news from that process, in milliseconds. @defaultValue 30000 */
  readonly timeoutMs?: number | undefined
  readonly onProgress?: Progress | undefined
}

/**
 * Has the process that holds a log perform an act.
 *
 * @throws AnnalsError ANNALS_LOCKED naming the holder when it does not answer, and what the act throws
 */
export async function submitAct<Request, Result>(
  options: SubmitActOptions<Request, Result>,
): Promise<Result> {
  const { dir, act, timeoutMs = 30_000, onProgress } = options
  const { leaveAct } = await import('../stores/embedded/index.ts')
  const answer = await leaveAct(dir, act.name, act.check(options.request), { timeoutMs, onProgress })
  if ('error' in answer) throw fromInbox(answer.error)
  return answer.result as Result
}

function fromInbox({ code, message, ...details }: InboxError['error']): AnnalsError {
  return new AnnalsError(
    Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ANNALS_STORE',
    message,
    details,
  )
}
