import { PassThrough, Readable, Writable } from 'node:stream'
import type { Process } from '../host.ts'
import { Output } from '../output/output.ts'
import { type ColorWish, terminalOf } from '../output/terminal.ts'

/** What a captured stream pretends to be. */
export interface Pretended {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly color?: ColorWish
  readonly quiet?: boolean
  readonly stdin?: string
}

/** A stream that keeps what is written to it. */
export class Kept extends Writable {
  readonly isTTY: boolean
  readonly columns: number | undefined
  #chunks: Buffer[] = []

  constructor({ isTTY = false, columns }: Pretended = {}) {
    super()
    this.isTTY = isTTY
    this.columns = columns
  }

  /** Everything written so far. */
  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk))
    done()
  }
}

/** An Output whose streams can be read back. */
export function captureOutput(pretended: Pretended = {}): { output: Output; stdout: Kept; stderr: Kept } {
  const { env = { LANG: 'en_US.UTF-8' }, color = 'auto', quiet = false } = pretended
  const stdout = new Kept(pretended)
  const stderr = new Kept(pretended)
  const output = new Output({
    stdout,
    stderr,
    out: terminalOf(stdout, env, color),
    err: terminalOf(stderr, env, color),
    quiet,
    progress: 'auto',
    onClosed: () => {},
  })
  return { output, stdout, stderr }
}

/** A process whose streams can be read back, for whole command lines. */
export function captureProcess(
  pretended: Pretended = {},
): Process & { stdout: Kept; stderr: Kept; interrupt: () => void } {
  const { env = { LANG: 'en_US.UTF-8' }, stdin } = pretended
  const listeners = new Set<() => void>()
  return {
    stdin: stdin === undefined ? new PassThrough() : Readable.from([Buffer.from(stdin)]),
    stdout: new Kept(pretended),
    stderr: new Kept(pretended),
    env,
    now: () => new Date(),
    onInterrupt(listener): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    interrupt(): void {
      for (const listener of listeners) listener()
    },
  }
}
