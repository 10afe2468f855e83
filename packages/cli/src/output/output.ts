import type { Writable } from 'node:stream'
import { type Progress, type ProgressStyle, startProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

const ERASE_LINE = '\r\u001b[K'
// One write per screenful instead of one per line; `flush` ends the wait wherever a reader is waiting.
const BUFFERED = 65_536

/** What an {@link Output} writes to and how. */
export interface OutputOptions {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly out: Terminal
  readonly err: Terminal
  /** No notes and no progress; errors and warnings remain. */
  readonly quiet: boolean
  readonly progress: ProgressStyle
  /** Told once when the reader of stdout has gone. */
  readonly onClosed: () => void
}

/** The one place that writes: data to stdout, everything else to stderr. */
export class Output {
  readonly out: Terminal
  readonly err: Terminal
  readonly quiet: boolean
  readonly #options: OutputOptions
  #buffered: string[] = []
  #size = 0
  #closed = false
  #failure: Error | undefined
  #progress: Progress | undefined

  constructor(options: OutputOptions) {
    this.out = options.out
    this.err = options.err
    this.quiet = options.quiet
    this.#options = options
    options.stdout.on('error', error => this.#stdoutFailed(error))
    // A closed stderr loses notes, never the work.
    options.stderr.on('error', () => {})
  }

  /** Whether the reader of stdout has gone: what is written now is dropped, and that is no error. */
  get closed(): boolean {
    return this.#closed
  }

  /** Queues data for stdout; waits while the reader is slow. */
  async data(text: string): Promise<void> {
    this.#buffered.push(text)
    this.#size += text.length
    if (this.#size >= BUFFERED) await this.flush()
  }

  /** Writes bytes to stdout, unchanged. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.flush()
    await this.#write(bytes)
  }

  /** Resolves when everything queued has been handed to the reader. */
  async flush(): Promise<void> {
    if (this.#buffered.length > 0) {
      const text = this.#buffered.join('')
      this.#buffered = []
      this.#size = 0
      if (this.out.isTTY) this.#hideProgress()
      await this.#write(text)
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  /** A line for people on stderr; not under `--quiet`. */
  note(line: string): void {
    if (!this.quiet) this.complain(line)
  }

  /** A line on stderr that is always shown: warnings, refusals, errors. */
  complain(line: string): void {
    this.#hideProgress()
    this.#options.stderr.write(`${line}\n`)
  }

  /** Starts showing progress on stderr; `total` is unknown when absent. */
  progress(label: string, unit: string, total?: number): Progress {
    const style = this.quiet ? 'none' : this.#options.progress
    this.#progress = startProgress({
      label,
      unit,
      total,
      style,
      terminal: this.err,
      write: text => this.#options.stderr.write(text),
    })
    return this.#progress
  }

  async #write(chunk: string | Uint8Array): Promise<void> {
    if (this.#closed) return
    await new Promise<void>(resolve => {
      // Errors arrive in the 'error' event too, which tells a closed pipe from a full disk.
      this.#options.stdout.write(chunk, () => resolve())
    })
  }

  #hideProgress(): void {
    if (this.#progress?.visible === true) this.#options.stderr.write(ERASE_LINE)
  }

  #stdoutFailed(error: Error & { code?: string }): void {
    if (this.#closed) return
    this.#closed = true
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') this.#options.onClosed()
    else this.#failure = error
  }
}
