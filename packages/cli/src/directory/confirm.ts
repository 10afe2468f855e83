import { createInterface } from 'node:readline'
import { type Context, isInterrupted } from '../context.ts'
import { UsageFailure } from '../failure/failure.ts'

/**
 * Asks on the terminal whether to go on. Only `y` and `yes` do.
 *
 * @throws UsageFailure exit 2 when there is no terminal to ask on
 */
export async function confirmed(
  context: Context,
  question: string,
  hint = 'Look at it with --dry-run, then say --yes.',
): Promise<boolean> {
  const { stdin, output, signal } = context
  if (stdin.isTTY !== true || !output.err.isTTY) {
    throw new UsageFailure('nobody to ask', {
      why: 'this cannot be undone, and standard input is no terminal',
      hint,
    })
  }
  output.complain(`${question} [y/N]`)
  const lines = createInterface({ input: stdin })
  const stop = (): void => lines.close()
  signal.addEventListener('abort', stop)
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim()) && !isInterrupted(context)
    return false
  } finally {
    signal.removeEventListener('abort', stop)
    lines.close()
  }
}
