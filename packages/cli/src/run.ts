import { CommanderError } from 'commander'
import type { ExitCode } from './failure/exit-codes.ts'
import { colorWish, preparedWords, wantsJson } from './flags/words.ts'
import { Host, type Process } from './host.ts'
import { terminalOf } from './output/terminal.ts'
import { createProgram, usageFailure } from './program.ts'

/** Runs one command line; never throws. What goes wrong is shown on stderr. */
export async function run(words: readonly string[], process: Process): Promise<ExitCode> {
  const host = new Host(process)
  try {
    const program = createProgram(host, text => process.stdout.write(text))
    await program.parseAsync(preparedWords(words.length === 0 ? ['--help'] : words), { from: 'user' })
    return host.exit
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    return await show(error, words, process)
  }
}

async function show(thrown: unknown, words: readonly string[], process: Process): Promise<ExitCode> {
  const [{ failureFrom }, { renderFailure }] = await Promise.all([
    import('./failure/from-error.ts'),
    import('./failure/render.ts'),
  ])
  const failure = thrown instanceof CommanderError ? usageFailure(thrown) : failureFrom(thrown)
  const text = renderFailure(failure, {
    terminal: terminalOf(process.stderr, process.env, colorWish(words)),
    json: wantsJson(words),
    debug: words.includes('--debug'),
  })
  process.stderr.write(`${text}\n`)
  return failure.exit
}

/** Runs one command line in this process and ends it. */
export async function runProcess(words: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr, env } = process
  // Before anything is written: without a listener a closed pipe ends the process with a trace. Output tells it from a full disk.
  stdout.on('error', () => {})
  const exit = await run(words, { stdin, stdout, stderr, env, now: () => new Date(), onInterrupt })
  // An open stdin or a timer must not keep a finished command alive.
  process.exit(exit)
}

function onInterrupt(listener: () => void): () => void {
  let times = 0
  const heard = (): void => {
    times++
    // The second Ctrl-C does not wait for the row to be finished.
    if (times > 1) process.exit(130)
    listener()
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  return () => {
    process.off('SIGINT', heard)
    process.off('SIGTERM', heard)
  }
}
