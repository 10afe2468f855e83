import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Act } from 'annals/lifecycle'
import { type Context, unlessInterrupted } from '../context.ts'
import { Failure } from '../failure/failure.ts'
import { isCoded } from '../failure/from-error.ts'
import { directoryOf } from '../remote/place.ts'
import { OPERATION_TIMEOUT_MS } from './operation-timeout.ts'

/** What a long act is called while it runs. */
export interface ActLabel {
  /** One word, such as `erase`. */
  readonly task: string
  /** What is counted, plural. */
  readonly unit: string
}

/** The holder of a log may go, and another come: both ways are tried in turn for so long, in milliseconds. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 200

/**
 * Performs an act on the log of the directory: in this process when the log is free, else by asking the process that holds
 * it. Progress goes to stderr.
 *
 * @throws Failure exit 4 when there is no log, 7 when its holder does not answer
 */
export async function performAct<Request, Result>(
  context: Context,
  act: Act<Request, Result>,
  request: Request,
  label: ActLabel,
): Promise<Result> {
  const { output } = context
  const dir = await directoryOf(context)
  if (!existsSync(dir)) {
    throw new Failure(`no log in ${dir}`, {
      exit: 4,
      code: 'ANNALS_NOT_FOUND',
      why: 'the directory does not exist',
      hint: 'Name the directory of a log with --dir.',
    })
  }
  const progress = output.progress(label.task, label.unit)
  const onProgress = (done: number, total: number): void => progress.update(done, total)
  try {
    return await unlessInterrupted(context, performAnywhere(context, dir, act, request, onProgress))
  } finally {
    progress.end()
  }
}

async function performAnywhere<Request, Result>(
  context: Context,
  dir: string,
  act: Act<Request, Result>,
  request: Request,
  onProgress: (done: number, total: number) => void,
): Promise<Result> {
  const { output, globals } = context
  const { verbose } = globals
  const { openTrail, submitAct } = await import('annals')
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      const trail = await openTrail({
        operationTimeoutMs: OPERATION_TIMEOUT_MS,
        dir,
        sealing: 'manual',
        onNotice: notice => output.complain(`note: ${notice}`),
        onError: error => output.complain(`warning: ${error.message}`),
      })
      try {
        return await trail.perform(act, request, { onProgress })
      } finally {
        await trail.close()
      }
    } catch (error) {
      if (!isLocked(error)) throw error
    }
    if (verbose) output.note('note: another process holds the log; it is asked to do this')
    try {
      return await submitAct({ dir, act, request, onProgress })
    } catch (error) {
      if (!isLocked(error)) throw error
      if (performance.now() >= until) throw error
      await delay(PAUSE_MS)
    }
  }
}

function isLocked(error: unknown): boolean {
  return isCoded(error) && error.code === 'ANNALS_LOCKED'
}
