import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { ExitCode } from './failure/exit-codes.ts'
import { type RawGlobals, readGlobals } from './flags/global-flags.ts'
import { Output } from './output/output.ts'
import { type StreamFacts, terminalOf } from './output/terminal.ts'

/** The process a command line runs in, or a test's stand-in. */
export interface Process {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & StreamFacts
  readonly stderr: Writable & StreamFacts
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
  /** Calls back at each Ctrl-C; returns how to stop listening. */
  onInterrupt(listener: () => void): () => void
}

/** Runs the work of one command and keeps its exit code. */
export class Host {
  readonly #process: Process
  #exit: ExitCode = 0

  constructor(process: Process) {
    this.#process = process
  }

  /** Exit code of the command that ran. */
  get exit(): ExitCode {
    return this.#exit
  }

  /** Makes the context from the flags of a command and runs its work in it. */
  async run(command: Command, work: (context: Context) => Promise<ExitCode>): Promise<void> {
    const stop = new AbortController()
    const ignore = this.#process.onInterrupt(() => stop.abort())
    const context = this.#context(command, stop)
    try {
      this.#exit = await work(context)
      await context.output.flush()
    } finally {
      ignore()
      // A reader that went away is no failure, whatever the command made of it.
      if (context.output.closed && this.#exit === 130) this.#exit = 0
    }
  }

  #context(command: Command, stop: AbortController): Context {
    const { stdin, stdout, stderr, env, now } = this.#process
    const globals = readGlobals(mergedFlags(command), env)
    const output = new Output({
      stdout,
      stderr,
      out: terminalOf(stdout, env, globals.color),
      err: terminalOf(stderr, env, globals.color),
      quiet: globals.quiet,
      progress: globals.progress,
      onClosed: () => stop.abort(),
    })
    return { globals, output, env, stdin, signal: stop.signal, now }
  }
}

/** Flags given before or after the command's name; the later place wins. Defaults of commander never hide a given flag. */
function mergedFlags(command: Command): RawGlobals {
  const merged: Record<string, unknown> = {}
  for (let one: Command | null = command; one !== null; one = one.parent) {
    for (const [name, value] of Object.entries(one.opts())) {
      if (one.getOptionValueSource(name) === 'default' || Object.hasOwn(merged, name)) continue
      merged[name] = value
    }
  }
  return merged
}
