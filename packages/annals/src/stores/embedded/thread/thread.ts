import { Worker } from 'node:worker_threads'
import { AnnalsError, ERROR_CODES, type ErrorCode } from '../../../model/index.ts'
import { type Call, CLOSE, type Failure, type Reply } from './answer.ts'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A worker thread that serves the methods of one object; started at the first call. */
export class Thread {
  readonly #url: URL
  readonly #data: unknown
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #next = 0
  #closed = false

  /** @param url of the module to run: its `.ts` or `.js` form is chosen like that of the caller */
  constructor(url: URL, data: unknown) {
    this.#url = url
    this.#data = data
  }

  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) throw new AnnalsError('ANNALS_CLOSED', 'The trail is closed.')
    return await this.#send(method, args)
  }

  /** Lets the calls before it finish, then ends the thread. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const worker = this.#worker
    if (worker === undefined) return
    const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
    const answered = this.#send(CLOSE, []).catch(() => {})
    worker.ref()
    await answered
    await exited
  }

  #send(method: string, args: readonly unknown[]): Promise<unknown> {
    const worker = this.#start()
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.#pending.size === 0) worker.ref()
      this.#pending.set(id, { resolve, reject })
      worker.postMessage({ id, method, args } satisfies Call)
    })
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(this.#url, { workerData: this.#data })
    this.#worker = worker
    worker.unref()
    worker.on('message', (reply: Reply) => {
      const pending = this.#pending.get(reply.id)
      this.#pending.delete(reply.id)
      if (this.#pending.size === 0 && !this.#closed) worker.unref()
      if ('failure' in reply) pending?.reject(fromFailure(reply.failure))
      else pending?.resolve(reply.value)
    })
    worker.on('error', error => this.#fail(error as Error))
    worker.on('exit', code => this.#fail(new Error(`thread ended with code ${code}`)))
    return worker
  }

  #fail(error: Error): void {
    this.#worker = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of pending)
      reject(
        new AnnalsError('ANNALS_STORE', `A thread of the store failed: ${error.message}`, { cause: error }),
      )
  }
}

/** URL of a thread's module beside the caller's: the source when the caller is source, else its build. */
export function moduleBeside(base: string, name: string): URL {
  return new URL(`${name}${base.endsWith('.ts') ? '.ts' : '.js'}`, base)
}

function fromFailure(failure: Failure): Error {
  const { code } = failure
  if (code !== undefined && Object.hasOwn(ERROR_CODES, code))
    return new AnnalsError(code as ErrorCode, failure.message, failure)
  const error: Error & { code?: string } = new Error(failure.message)
  if (code !== undefined) error.code = code
  if (failure.stack !== undefined) error.stack = failure.stack
  return error
}
