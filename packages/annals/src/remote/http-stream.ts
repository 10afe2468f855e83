import { RemoteError, unreachable } from './remote-error.ts'

/** The body of an answer, piece by piece; disposing lets go of the connection. */
export class HttpStream implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  readonly #end: () => void

  constructor(answer: Response, end: () => void) {
    this.#reader = answer.body?.getReader()
    this.#end = end
  }

  /**
   * The next piece; undefined at the end.
   *
   * @param silenceMs longest wait, milliseconds
   * @throws RemoteError when the connection breaks, or nothing comes
   */
  async read(silenceMs: number): Promise<Uint8Array | undefined> {
    let isSilent = false
    const timer = setTimeout(() => {
      isSilent = true
      this.#end()
    }, silenceMs)
    try {
      const next = await this.#reader?.read()
      return next?.value
    } catch (error) {
      if (isSilent)
        throw new RemoteError('ANNALS_STORE', 'The server has gone silent.', {
          cause: error,
          transient: true,
        })
      throw unreachable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end()
    await this.#reader?.cancel().catch(() => {})
  }
}
