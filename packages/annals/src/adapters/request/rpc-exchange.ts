import type { AnnalsError } from '../../model/index.ts'
import { parsedContent } from './body.ts'
import type { Call, Caller, Content } from './call.ts'
import type { CapturedRequest, RequestAudit } from './captured-request.ts'
import { rpcOutcome } from './outcome.ts'
import type { RequestCapture, Seen } from './request-capture.ts'
import { type RPC_CODE, rpcCodeOf } from './rpc-codes.ts'

/** Why a call is not carried out, as it is told to who calls. */
export interface RpcRefusal {
  readonly code: number
  readonly message: string
}

/** One call of a remote procedure, whatever framework handles it, unary or streaming. */
export class RpcExchange<Request> {
  readonly correlationId: string
  readonly #capture: RequestCapture<Request>
  readonly #call: Call
  readonly #caller: Caller
  readonly #request: Request
  readonly #streams: boolean
  #seen: Seen | undefined
  #captured: CapturedRequest | undefined
  #received = 0
  #sent = 0
  #answer: unknown

  /** @param streams whether either side sends more than one message: then messages are counted, not kept */
  constructor(
    capture: RequestCapture<Request>,
    call: Call,
    caller: Caller,
    request: Request,
    streams: boolean,
  ) {
    this.#capture = capture
    this.#call = call
    this.#caller = caller
    this.#request = request
    this.#streams = streams
    this.correlationId = capture.correlationOf(caller)
  }

  /** The audit of this call, once its attempt is recorded. */
  get audit(): RequestAudit | undefined {
    return this.#captured
  }

  /**
   * Records the attempt: of a stream, that it is opened.
   *
   * @param message of a unary call, as JSON can say it
   * @returns why the handler must not run; undefined when it may
   */
  async begin(message?: unknown): Promise<RpcRefusal | undefined> {
    const capture = this.#capture
    const seen = await capture.see(this.#call, this.#caller, this.#request, this.correlationId)
    this.#seen = seen
    if (!seen.isAudited) return undefined
    const content: Content = seen.isFull
      ? {
          phase: 'attempt',
          headers: capture.headersOf(this.#caller),
          body: parsedContent(message, capture.bodyBytes),
        }
      : { phase: 'attempt' }
    try {
      this.#captured = await capture.attempt(seen, this.#request, this.correlationId, content)
      return undefined
    } catch (error) {
      const { status, body } = capture.refusalOf(error, this.#request)
      const detail = (body as { readonly detail?: unknown } | undefined)?.detail ?? body
      return {
        code: rpcCodeOf(status),
        message: typeof detail === 'string' ? detail : (error as AnnalsError).message,
      }
    }
  }

  /** Runs what handles the call: all that it records inherits who asked and where from. */
  within<R>(work: () => R): R {
    return this.#seen === undefined ? work() : this.#capture.within(this.#seen.ambient, work)
  }

  received(): void {
    this.#received++
  }

  /** @param message as JSON can say it, of a unary call; made only when it is kept */
  sent(message: () => unknown): void {
    this.#sent++
    if (!this.#streams && this.#captured !== undefined && this.#seen?.isFull === true)
      this.#answer = this.#capture.ask(message, this.#request)
  }

  /** Records the outcome: of a stream, that it is closed. Only the first call counts. */
  finish(code: number, message?: string): void {
    this.#captured?.finish(rpcOutcome(code, message), this.#data())
  }

  /** The client went away, or its time is up: whether the work was done nobody can tell, the handler may still be at it. */
  abandoned(code: typeof RPC_CODE.cancelled | typeof RPC_CODE.deadlineExceeded): void {
    this.#captured?.finish({ ...rpcOutcome(code), result: 'unknown' }, this.#data())
  }

  #data(): unknown {
    const content: Content = this.#streams
      ? { phase: 'outcome', messages: { received: this.#received, sent: this.#sent } }
      : { phase: 'outcome', body: parsedContent(this.#answer, this.#capture.bodyBytes) }
    return this.#capture.dataOf(content, this.#request)
  }
}
