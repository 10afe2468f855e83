import type { InboxAnswer, InboxError } from '../log/store.ts'
import type { AnnalsError } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'

/** An answer of the recorder, as it is sent to another process. */
export function inboxAnswer(answer: Recorded | Refused): InboxAnswer {
  if (!('error' in answer)) {
    const { id, index, duplicate, level, rule, paused } = answer
    return {
      id,
      index,
      ...(duplicate === undefined ? {} : { duplicate }),
      ...(level === 'stored' ? {} : { level }),
      ...(rule === undefined ? {} : { rule }),
      ...(paused === undefined ? {} : { paused }),
    }
  }
  return inboxError(answer.error)
}

/** A refusal, as it is sent to another process. */
export function inboxError({ code, message, path, hint }: AnnalsError): InboxError {
  return {
    error: {
      code,
      message,
      ...(path === undefined ? {} : { path }),
      ...(hint === undefined ? {} : { hint }),
    },
  }
}
