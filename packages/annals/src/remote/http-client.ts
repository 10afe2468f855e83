import { AnnalsError } from '../model/index.ts'
import { backoffMs, pause } from '../record/backoff.ts'
import { HttpStream } from './http-stream.ts'
import { errorOfAnswer, RemoteError, unreachable } from './remote-error.ts'

/** What a token comes from: itself, or whoever has a fresh one. */
export type TokenSource = string | (() => string | Promise<string>)

/** A request to the server. */
export interface RemoteRequest {
  /** Path below the address of the server, such as `/v1/events`. */
  readonly path: string
  readonly method?: 'GET' | 'POST'
  /** Parameters; those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the answer to begin, milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number | undefined
}

const TIMEOUT_MS = 60_000
/** Longest time in which a reading request is tried again, milliseconds. */
const PATIENCE_MS = 5_000

/** Asks a server over HTTP, by the global fetch. */
export class HttpClient {
  readonly #base: URL
  readonly #token: TokenSource
  readonly #underway = new Set<AbortController>()
  readonly #closed = new AbortController()

  /** @throws TypeError when the address is none */
  constructor(url: string | URL, token: TokenSource) {
    this.#base = new URL(url)
    if (this.#base.protocol !== 'http:' && this.#base.protocol !== 'https:')
      throw new TypeError(`url ${this.#base.protocol}: must be http or https`)
    if (this.#base.username !== '' || this.#base.password !== '')
      throw new TypeError('url: must hold no password; give a token')
    if (!this.#base.pathname.endsWith('/')) this.#base.pathname += '/'
    this.#token = token
  }

  /** Address of a path. */
  address(path: string, query: RemoteRequest['query'] = {}): URL {
    const url = new URL(path.slice(1), this.#base)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    return url
  }

  /** The token of now. @throws RemoteError */
  async token(): Promise<string> {
    if (typeof this.#token === 'string') return this.#token
    try {
      return await this.#token()
    } catch (cause) {
      throw new RemoteError('ANNALS_UNAUTHENTICATED', 'No token could be had.', { cause, transient: true })
    }
  }

  /**
   * Asks once, and reads the answer. The bound on time is for both.
   *
   * @throws RemoteError; the reason of the signal when that ends it
   */
  async ask<T>(request: RemoteRequest, read: (answer: Response) => Promise<T>): Promise<T> {
    const { signal, timeoutMs = TIMEOUT_MS } = request
    const { stop, end } = this.#begin(signal)
    const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    try {
      return await read(await this.#fetch(request, stop.signal))
    } catch (error) {
      throw failureOf(error, signal)
    } finally {
      clearTimeout(timer)
      end()
    }
  }

  /** Asks, and again while trying can help, for five seconds. For requests that change nothing. @throws as `ask` */
  async askPatiently<T>(request: RemoteRequest, read: (answer: Response) => Promise<T>): Promise<T> {
    const since = performance.now()
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.ask(request, read)
      } catch (error) {
        if (!(error instanceof RemoteError) || !error.transient) throw error
        const wait = backoffMs(tries, error.retryAfterMs)
        if (this.#closed.signal.aborted || performance.now() - since + wait > PATIENCE_MS) throw error
        await pause(wait, request.signal ?? this.#closed.signal)
        request.signal?.throwIfAborted()
      }
    }
  }

  /**
   * Opens a stream: the bound on time is for its beginning. Whoever opens it disposes of it.
   *
   * @throws as `ask`
   */
  async open(request: RemoteRequest): Promise<HttpStream> {
    const { signal, timeoutMs = TIMEOUT_MS } = request
    const { stop, end } = this.#begin(signal)
    const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    try {
      return new HttpStream(await this.#fetch(request, stop.signal), end)
    } catch (error) {
      end()
      throw failureOf(error, signal)
    } finally {
      clearTimeout(timer)
    }
  }

  /** A request that the caller's signal and the end of the client stop, until it is ended. */
  #begin(signal: AbortSignal | undefined): { readonly stop: AbortController; readonly end: () => void } {
    signal?.throwIfAborted()
    if (this.#closed.signal.aborted) throw unreachable(this.#closed.signal.reason)
    const stop = new AbortController()
    const abort = (): void => stop.abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    this.#underway.add(stop)
    const end = (): void => {
      this.#underway.delete(stop)
      signal?.removeEventListener('abort', abort)
      // Whatever was not read is let go.
      stop.abort()
    }
    return { stop, end }
  }

  async #fetch(
    { path, method = 'GET', query, headers, body }: RemoteRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const answer = await fetch(this.address(path, query), {
      method,
      headers: { ...headers, Authorization: `Bearer ${await untilAborted(this.token(), signal)}` },
      // A token goes to the server it is for, and nowhere else.
      redirect: 'error',
      signal,
      ...(body === undefined ? {} : { body }),
    })
    if (!answer.ok) throw await errorOfAnswer(answer)
    return answer
  }

  /** Ends what is under way. */
  close(): void {
    this.#closed.abort(new Error('the trail is closed'))
    for (const stop of this.#underway) stop.abort(this.#closed.signal.reason)
  }
}

/** Whatever breaks a connection is one kind of failure; what the caller ended is none. */
function failureOf(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return error instanceof AnnalsError ? error : unreachable(error)
}

/** A promise that the signal ends, whatever it waits for. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
