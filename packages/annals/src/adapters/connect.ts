import type { Trail } from '../trail/trail.ts'
import { bindAudit } from './request/audit-of.ts'
import { needed } from './request/needed.ts'
import type { RequestOptions } from './request/options.ts'
import { RequestCapture } from './request/request-capture.ts'
import { RPC_CODE } from './request/rpc-codes.ts'
import { RpcExchange } from './request/rpc-exchange.ts'

export { auditOf } from './request/audit-of.ts'
export type { Addition, RequestAudit } from './request/captured-request.ts'
export type { Refusal, RequestOptions } from './request/options.ts'

/** A request of Connect, as far as it is needed; resolvers get it. */
export interface ConnectRequest {
  readonly stream: boolean
  readonly service: { readonly typeName: string }
  readonly method: { readonly name: string; readonly input: object }
  readonly message: unknown
  readonly header: Headers
  readonly signal: AbortSignal
  readonly contextValues: object
}

interface ConnectResponse {
  readonly stream: boolean
  readonly header: Headers
  readonly method: { readonly output: object }
  readonly message: unknown
}

/** Options of {@link captureConnect}. */
export interface ConnectOptions extends RequestOptions<ConnectRequest> {
  /** Address of the other end of the connection, which Connect does not tell: put it into the context values. @defaultValue none */
  readonly peer?: (request: ConnectRequest) => string | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: what Connect declares is wider than any type of ours
type AnyFn = (request: any) => Promise<any>
/** An interceptor of Connect. */
export type ConnectInterceptor = (next: AnyFn) => AnyFn

/**
 * An interceptor for servers of Connect 2 (`connectNodeAdapter`, `connectFastifyPlugin`, …) that records calls, unary and streaming: an
 * attempt before the handler runs, and its outcome. Handlers get their audit by `auditOf(context.values)`.
 *
 * @param trail opened with a policy (`capture`)
 * @throws TypeError for a trail without a policy, for options that cannot be meant, and when Connect is not installed
 * @example
 * ```ts
 * connectNodeAdapter({ routes, interceptors: [await captureConnect(trail)] })
 * ```
 */
export async function captureConnect(
  trail: Trail,
  options: ConnectOptions = {},
): Promise<ConnectInterceptor> {
  const capture = new RequestCapture<ConnectRequest>(trail, options)
  const { ConnectError } = await needed(() => import('@connectrpc/connect'), '@connectrpc/connect')
  const { toJson } = await needed(() => import('@bufbuild/protobuf'), '@bufbuild/protobuf')
  const json = (type: object, message: unknown): unknown => toJson(type as never, message as never)

  return next => async (request: ConnectRequest) => {
    if (capture.skips(request)) return await next(request)
    const { service, method, header, signal, stream } = request
    const caller = {
      peer: options.peer === undefined ? undefined : capture.ask(options.peer, request),
      header: (name: string) => header.get(name) ?? undefined,
    }
    const call = { service: service.typeName, rpc: method.name }
    const exchange = new RpcExchange(capture, call, caller, request, stream)
    bindAudit(request.contextValues, exchange)
    const { correlationHeader } = capture
    const refusal = await exchange.begin(stream ? undefined : json(method.input, request.message))
    if (refusal !== undefined) {
      const headers = { [correlationHeader]: exchange.correlationId }
      throw new ConnectError(refusal.message, refusal.code, headers)
    }
    const failed = (error: unknown): void => {
      const { code, rawMessage } = ConnectError.from(error)
      exchange.finish(code, rawMessage)
    }
    const aborted = (): void => {
      const isLate = ConnectError.from(signal.reason).code === RPC_CODE.deadlineExceeded
      exchange.abandoned(isLate ? RPC_CODE.deadlineExceeded : RPC_CODE.cancelled)
    }
    signal.addEventListener('abort', aborted, { once: true })
    const asked = stream
      ? { ...request, message: counted(request.message as AsyncIterable<unknown>, () => exchange.received()) }
      : request
    try {
      const response = (await exchange.within(() => next(asked))) as ConnectResponse
      response.header.set(correlationHeader, exchange.correlationId)
      if (!response.stream) {
        exchange.sent(() => json(response.method.output, response.message))
        exchange.finish(RPC_CODE.ok)
        return response
      }
      return { ...response, message: watched(response.message as AsyncIterable<unknown>, exchange, failed) }
    } catch (error) {
      const told = ConnectError.from(error)
      told.metadata.set(correlationHeader, exchange.correlationId)
      failed(told)
      throw told
    }
  }
}

async function* counted<T>(messages: AsyncIterable<T>, count: () => void): AsyncGenerator<T> {
  for await (const message of messages) {
    count()
    yield message
  }
}

/** The answers of a handler: each is asked for within who called, since a generator runs for whoever asks it. */
function watched<T>(
  messages: AsyncIterable<T>,
  exchange: RpcExchange<ConnectRequest>,
  failed: (error: unknown) => void,
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = messages[Symbol.asyncIterator]()
      return {
        async next() {
          try {
            const result = await exchange.within(() => iterator.next())
            if (result.done === true) exchange.finish(RPC_CODE.ok)
            else exchange.sent(() => undefined)
            return result
          } catch (error) {
            failed(error)
            throw error
          }
        },
        async return(value?: unknown) {
          exchange.abandoned(RPC_CODE.cancelled)
          return (await iterator.return?.(value)) ?? { done: true, value }
        },
        async throw(error: unknown) {
          failed(error)
          if (iterator.throw !== undefined) return await iterator.throw(error)
          throw error
        },
      }
    },
  }
}
