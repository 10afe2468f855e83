import type { Readable } from 'node:stream'
import type { ExitCode } from './failure/exit-codes.ts'
import { Failure } from './failure/failure.ts'
import type { Globals } from './flags/global-flags.ts'
import type { Output } from './output/output.ts'

/** Everything a command touches outside itself. */
export interface Context {
  readonly globals: Globals
  readonly output: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Aborted by Ctrl-C and by a reader of stdout that goes away: finish the row, then stop. */
  readonly signal: AbortSignal
  readonly now: () => Date
}

/** Whether Ctrl-C asked the command to stop. */
export function isInterrupted({ signal, output }: Context): boolean {
  return signal.aborted && !output.closed
}

/** Exit code of work that may have been stopped: 130 after Ctrl-C, 0 when only the reader went away. */
export function endOf(context: Context, otherwise: ExitCode = 0): ExitCode {
  if (isInterrupted(context)) return 130
  return context.output.closed ? 0 : otherwise
}

/**
 * The result of work that changes nothing and cannot be stopped by itself: Ctrl-C leaves it behind.
 *
 * @throws Failure exit 130 after Ctrl-C
 */
export async function unlessInterrupted<T>(context: Context, work: Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  const stop = (): void =>
    reject(
      new Failure('interrupted', { exit: 130, code: 'INTERRUPTED', hint: 'Run it again from the start.' }),
    )
  if (context.signal.aborted) stop()
  context.signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, interrupted])
  } finally {
    context.signal.removeEventListener('abort', stop)
  }
}
