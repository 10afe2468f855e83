import { existsSync } from 'node:fs'
import type { Draft, Recorded, Refused } from 'annals'
import type { Context } from '../context.ts'
import { isCoded } from '../failure/from-error.ts'

/** Records drafts, in this process or through the process that holds the log. */
export interface Recorder {
  recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]>
}

// How long the holder of the log may take to answer a request in its inbox.
const ANSWER_MS = 10_000

/** Opens the directory for recording, makes it when it is missing, and closes it when the work ends. */
export async function withRecorder<T>(
  context: Context,
  work: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const { output, globals } = context
  const { dir, verbose } = globals
  if (!existsSync(dir)) output.note(`note: ${dir} does not exist; it is made now`)
  const { openTrail, submit } = await import('annals')
  let trail: Awaited<ReturnType<typeof openTrail>>
  try {
    trail = await openTrail({
      dir,
      onNotice: notice => output.complain(`note: ${notice}`),
      onError: error => output.complain(`warning: ${error.message}`),
    })
  } catch (error) {
    if (!isCoded(error) || error.code !== 'ANNALS_LOCKED') throw error
    if (verbose) output.note('note: another process holds the log; events go through its inbox')
    return await work({ recordAll: drafts => submit({ dir, drafts, timeoutMs: ANSWER_MS }) })
  }
  try {
    return await work(trail)
  } finally {
    await trail.close()
  }
}
