import type { Trail } from '../trail/trail.ts'
import { bindAudit } from './request/audit-of.ts'
import { needed } from './request/needed.ts'
import type { RequestOptions } from './request/options.ts'
import { plainMessage } from './request/plain-message.ts'
import { RequestCapture } from './request/request-capture.ts'
import { callOfPath, RPC_CODE } from './request/rpc-codes.ts'
import { RpcExchange } from './request/rpc-exchange.ts'

export { auditOf } from './request/audit-of.ts'
export type { Addition, RequestAudit } from './request/captured-request.ts'
export type { Refusal, RequestOptions } from './request/options.ts'

/** Metadata of gRPC, as far as it is needed. */
export interface GrpcMetadata {
  get(name: string): (string | Buffer)[]
  set(name: string, value: string): void
}

/** A call as resolvers get it. */
export interface GrpcRequest {
  /** Such as `/api.v1.BootService/Register`. */
  readonly path: string
  readonly metadata: GrpcMetadata
  /** Of a call that does not stream its requests. */
  readonly message: unknown
  /** What TLS says of the other end. */
  readonly authContext: unknown
}

interface Method {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
}

/** A call on its way through the interceptors of @grpc/grpc-js. */
interface InterceptedCall {
  getPeer(): string
  getDeadline(): Date | number
  getAuthContext(): unknown
  sendStatus(status: { code: number; details: string; metadata?: unknown }): void
}

/** A server interceptor of @grpc/grpc-js. */
// biome-ignore lint/suspicious/noExplicitAny: what @grpc/grpc-js declares is wider than any type of ours
export type GrpcInterceptor = (method: any, call: any) => any

/**
 * An interceptor for servers of @grpc/grpc-js that records calls, unary and streaming: an attempt before the handler runs, and its
 * outcome. Handlers get their audit by `auditOf(call.metadata)`.
 *
 * @param trail opened with a policy (`capture`)
 * @throws TypeError for a trail without a policy, for options that cannot be meant, and when @grpc/grpc-js is not installed
 * @example
 * ```ts
 * const server = new Server({ interceptors: [await captureGrpc(trail)] })
 * ```
 */
export async function captureGrpc(
  trail: Trail,
  options: RequestOptions<GrpcRequest> = {},
): Promise<GrpcInterceptor> {
  const capture = new RequestCapture(trail, options)
  const { ServerInterceptingCall, Metadata } = await needed(() => import('@grpc/grpc-js'), '@grpc/grpc-js')
  return (method: Method, call: InterceptedCall) => {
    const { correlationHeader } = capture
    const streams = method.requestStream || method.responseStream
    let exchange: RpcExchange<GrpcRequest> | undefined
    let metadata: GrpcMetadata | undefined
    let answered = false
    const open = (message: unknown): RpcExchange<GrpcRequest> | undefined => {
      const headers = metadata as GrpcMetadata
      const request = { path: method.path, metadata: headers, message, authContext: call.getAuthContext() }
      if (capture.skips(request)) return undefined
      const caller = {
        peer: addressOf(call.getPeer()),
        header: (name: string) => headers.get(name)[0]?.toString(),
      }
      const opened = new RpcExchange(capture, callOfPath(method.path), caller, request, streams)
      bindAudit(headers, opened)
      return opened
    }
    /** Lets the call on to its handler, or answers it. */
    const begin = (message: unknown, on: () => void): void => {
      exchange = open(message)
      if (exchange === undefined) {
        on()
        return
      }
      const opened = exchange
      opened.begin(message === undefined ? undefined : plainMessage(message)).then(
        refusal => {
          if (refusal === undefined) opened.within(on)
          else call.sendStatus(statusOf(refusal, withId(new Metadata())))
        },
        error => {
          capture.report(error)
          call.sendStatus({ code: RPC_CODE.unavailable, details: 'The call could not be recorded.' })
        },
      )
    }
    const within = (on: () => void): void => {
      if (exchange === undefined) on()
      else exchange.within(on)
    }
    const withId = <M extends GrpcMetadata>(carrier: M): M => {
      if (exchange !== undefined) carrier.set(correlationHeader, exchange.correlationId)
      return carrier
    }
    return new ServerInterceptingCall(call as never, {
      start(next) {
        next({
          onReceiveMetadata(received, on) {
            metadata = received
            // A handler that is sent a stream runs at once; another when its one message is there.
            if (method.requestStream) begin(undefined, () => on(received))
            else on(received)
          },
          onReceiveMessage(message, on) {
            const take = (): void => {
              exchange?.received()
              on(message)
            }
            if (method.requestStream) within(take)
            else begin(message, take)
          },
          onReceiveHalfClose(on) {
            within(on)
          },
          onCancel() {
            const isLate = Number(call.getDeadline()) <= Date.now()
            exchange?.abandoned(isLate ? RPC_CODE.deadlineExceeded : RPC_CODE.cancelled)
          },
        })
      },
      sendMetadata(sent, on) {
        answered = true
        on(withId(sent))
      },
      sendMessage(message, on) {
        exchange?.sent(() => plainMessage(message))
        on(message)
      },
      sendStatus(status, on) {
        exchange?.finish(status.code ?? RPC_CODE.unknown, status.details)
        // Without metadata before, the status is all that the caller gets.
        on(answered ? status : { ...status, metadata: withId(status.metadata ?? new Metadata()) })
      },
    })
  }
}

function statusOf(
  { code, message }: { readonly code: number; readonly message: string },
  metadata: unknown,
): { code: number; details: string; metadata: unknown } {
  return { code, details: message, metadata }
}

/** The address of `address:port`, in brackets or not. */
function addressOf(peer: string): string | undefined {
  return /^\[?(.+?)\]?:\d+$/.exec(peer)?.[1]
}
