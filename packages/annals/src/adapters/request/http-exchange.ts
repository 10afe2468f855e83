import type { IncomingMessage, ServerResponse } from 'node:http'
import { KeptBody, parsedContent } from './body.ts'
import type { Call, Caller, Content } from './call.ts'
import type { CapturedRequest, RequestAudit } from './captured-request.ts'
import { httpOutcome } from './outcome.ts'
import type { RequestCapture, Seen } from './request-capture.ts'

/** Longest wait for a body that nobody reads yet, before its handler begins, ms. */
const BODY_PATIENCE_MS = 1_000
/** What is answered to who may not, or to what is not there. */
const REFUSALS = [401, 403, 404]
const TOLD_REFUSALS = [401, 403]

/** What an adapter tells of a request once its route is known. */
export interface Routed {
  readonly route: string | undefined
  /** The body when it was parsed already. */
  readonly body?: unknown
}

/**
 * One request and its answer over HTTP, whatever framework handles it. What passes is kept on its way: nothing is read from the
 * request and nothing held back of the answer. The outcome is told by the end of the answer, also when the client went away.
 */
export class HttpExchange<Request> {
  readonly correlationId: string
  /** Told before the exchange answers the request itself. */
  refuses: () => void = () => {}
  readonly #capture: RequestCapture<Request>
  readonly #incoming: IncomingMessage
  readonly #answer: ServerResponse
  readonly #request: Request
  readonly #caller: Caller
  #sent: KeptBody | undefined
  #answered: KeptBody | undefined
  #wake: (() => void) | undefined
  #seen: Seen | undefined
  #captured: CapturedRequest | undefined
  /** What the handler threw. */
  #error: unknown
  #refusedByUs = false

  constructor(
    capture: RequestCapture<Request>,
    incoming: IncomingMessage,
    answer: ServerResponse,
    request: Request,
  ) {
    this.#capture = capture
    this.#incoming = incoming
    this.#answer = answer
    this.#request = request
    this.#caller = {
      peer: incoming.socket?.remoteAddress,
      header: name => {
        const value = incoming.headers[name]
        return Array.isArray(value) ? value.join(', ') : value
      },
    }
    this.correlationId = capture.correlationOf(this.#caller)
    answer.setHeader(capture.correlationHeader, this.correlationId)
    if (capture.bodyBytes > 0 && hasBody(incoming)) this.#keepRequest()
    answer.once('close', () => this.#closed())
  }

  /** The audit of this request, once its attempt is recorded. */
  get audit(): RequestAudit | undefined {
    return this.#captured
  }

  /**
   * Records the attempt, then runs the handler; answers the request itself instead when it could not be recorded.
   *
   * @param handle runs only when the request may be carried out; all that it records inherits who asked
   */
  async begin(routed: Routed, handle: () => void): Promise<void> {
    // Routers may pass a request on from route to route: one attempt is enough.
    if (this.#seen !== undefined) {
      handle()
      return
    }
    const seen = await this.#see(routed.route)
    if (seen.isAudited) {
      try {
        const content = seen.isFull ? await this.#requestContent(routed) : this.#nothing()
        this.#captured = await this.#capture.attempt(seen, this.#request, this.correlationId, content)
        if (seen.isFull) this.#keepAnswer()
      } catch (error) {
        this.#refuse(error)
        return
      }
    }
    this.#sent = undefined
    this.#capture.within(seen.ambient, handle)
  }

  /** Notes what the handler threw. */
  failed(error: unknown): void {
    this.#error = error
  }

  async #see(route: string | undefined): Promise<Seen> {
    const call: Call = { method: this.#incoming.method, ...(route === undefined ? {} : { route }) }
    this.#seen = await this.#capture.see(call, this.#caller, this.#request, this.correlationId)
    return this.#seen
  }

  #refuse(error: unknown): void {
    this.#refusedByUs = true
    this.refuses()
    const { status, headers, body } = this.#capture.refusalOf(error, this.#request)
    const answer = this.#answer
    if (answer.headersSent || answer.destroyed) return
    // What is still being sent is not read any more.
    const unread = !this.#incoming.complete
    answer.statusCode = status
    for (const [name, value] of Object.entries(headers ?? {})) answer.setHeader(name, value)
    if (unread) answer.setHeader('connection', 'close')
    answer.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body))
  }

  #closed(): void {
    const answer = this.#answer
    this.#wake?.()
    if (this.#refusedByUs) return
    if (this.#captured !== undefined) this.#captured.finish(this.#outcome(), this.#answerData())
    else if (this.#seen === undefined && this.#isTold(answer.statusCode))
      this.#unrouted().catch(this.#capture.report)
  }

  /** Whoever answers before any route does may have done something: only refusals are told by their status. */
  #isTold(status: number): boolean {
    return !REFUSALS.includes(status) || (this.#capture.options.refusals ?? TOLD_REFUSALS).includes(status)
  }

  /** An answer that was given before any handler of a route ran. */
  async #unrouted(): Promise<void> {
    const seen = await this.#see(undefined)
    if (!seen.isAudited) return
    const content: Content = { ...this.#nothing(), path: pathOf(this.#incoming.url) }
    this.#capture
      .refused(seen, this.#request, this.correlationId, content)
      .finish(this.#outcome(), this.#capture.dataOf(content, this.#request))
  }

  #outcome(): ReturnType<typeof httpOutcome> {
    const answer = this.#answer
    if (answer.writableFinished) return httpOutcome(answer.statusCode, this.#error)
    if (this.#error !== undefined) return httpOutcome(Math.max(answer.statusCode, 500), this.#error)
    // Whether the work was done nobody can tell: the handler may still be at it.
    return {
      result: 'unknown',
      code: 'CLIENT_CLOSED',
      message: 'The connection was closed before the answer was sent.',
    }
  }

  #answerData(): unknown {
    const type = this.#answer.getHeader('content-type')
    const body = this.#answered?.content(typeof type === 'string' ? type : undefined)
    return this.#capture.dataOf({ phase: 'outcome', body }, this.#request)
  }

  #nothing(): Content {
    return { phase: 'attempt' }
  }

  async #requestContent({ body }: Routed): Promise<Content> {
    const { bodyBytes } = this.#capture
    const isUnread = body === undefined || isStream(body)
    const kept = isUnread ? await this.#wholeBody() : parsedContent(body, bodyBytes)
    return {
      phase: 'attempt',
      query: queryOf(this.#incoming.url),
      headers: this.#capture.headersOf(this.#caller),
      body: kept,
    }
  }

  /** Waits until the body is there or there is too much of it. Whatever arrives stays for the handler. */
  async #wholeBody(): Promise<unknown> {
    const kept = this.#sent
    if (kept === undefined) return undefined
    const incoming = this.#incoming
    if (!(incoming.complete || kept.overflowed || incoming.destroyed)) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, BODY_PATIENCE_MS)
      await promise
      clearTimeout(timer)
    }
    const content = kept.content(incoming.headers['content-type'])
    // Half a body may have half a secret in it, which no mask finds.
    return incoming.complete || kept.overflowed
      ? content
      : { omitted: 'not complete when the request was recorded', bytes: kept.bytes }
  }

  #keepRequest(): void {
    const kept = new KeptBody(this.#capture.bodyBytes)
    this.#sent = kept
    const incoming = this.#incoming
    const push = incoming.push
    // Node.js pushes what arrives; who listens for data instead would take it from the handler.
    incoming.push = (chunk: Uint8Array | null, encoding?: BufferEncoding): boolean => {
      if (chunk === null || this.#sent === undefined) {
        incoming.push = push
        queueMicrotask(() => this.#wake?.())
      } else {
        kept.add(chunk)
        if (kept.overflowed) this.#wake?.()
      }
      return push.call(incoming, chunk, encoding)
    }
  }

  #keepAnswer(): void {
    const { bodyBytes } = this.#capture
    if (bodyBytes === 0) return
    const kept = new KeptBody(bodyBytes)
    this.#answered = kept
    const answer = this.#answer
    const { write, end } = answer
    const keep = (chunk: unknown, encoding: unknown): void => {
      if (typeof chunk === 'string')
        kept.add(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
      else if (chunk instanceof Uint8Array) kept.add(chunk)
    }
    answer.write = function (this: ServerResponse, ...args: unknown[]): boolean {
      keep(args[0], args[1])
      return write.apply(this, args as Parameters<typeof write>)
    } as typeof write
    answer.end = function (this: ServerResponse, ...args: unknown[]): ServerResponse {
      keep(args[0], args[1])
      // `end` may write by `write`, which must not keep it twice.
      answer.write = write
      answer.end = end
      return end.apply(this, args as Parameters<typeof end>)
    } as typeof end
  }
}

/** A framework may hand the handler the body as a stream. */
function isStream(body: unknown): boolean {
  return typeof (body as { pipe?: unknown } | null)?.pipe === 'function'
}

/** Longest path of a client that is kept, UTF-16 units. */
const LONGEST_PATH = 512

function pathOf(url: string | undefined): string | undefined {
  return url?.split('?', 1)[0]?.slice(0, LONGEST_PATH)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Members of the query string; of a repeated one all values. */
function queryOf(url: string | undefined): Content['query'] {
  const at = url?.indexOf('?') ?? -1
  if (url === undefined || at < 0) return undefined
  const params = new URLSearchParams(url.slice(at + 1))
  // A null prototype: `__proto__` is a name like any other.
  const query = Object.create(null) as Record<string, unknown>
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    query[name] = values.length === 1 ? values[0] : values
  }
  return query
}
