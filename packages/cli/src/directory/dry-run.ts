import type { Draft, Recorded, Refused } from 'annals'
import { AnnalsError, DEFAULT_LIMITS, normalizeDraft } from 'annals/model'
import type { Recorder } from './open-recorder.ts'

/** A recorder that checks drafts against the model and stores nothing. */
export function dryRun(now: () => Date): Recorder {
  return {
    async recordAll(drafts): Promise<readonly (Recorded | Refused)[]> {
      return drafts.map(draft => checked(draft, now().getTime()))
    },
  }
}

function checked(draft: Draft, now: number): Recorded | Refused {
  try {
    normalizeDraft(draft, { limits: DEFAULT_LIMITS, now })
    return { id: draft.id ?? '', index: 0, level: 'queued' }
  } catch (error) {
    if (error instanceof AnnalsError) return { error }
    throw error
  }
}
