import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Trail } from '../trail/trail.ts'
import { bindAudit } from './request/audit-of.ts'
import { HttpExchange } from './request/http-exchange.ts'
import type { RequestOptions } from './request/options.ts'
import { RequestCapture } from './request/request-capture.ts'

export { auditOf } from './request/audit-of.ts'
export type { Addition, RequestAudit } from './request/captured-request.ts'
export type { Refusal, RequestOptions } from './request/options.ts'

/** Options of {@link captureNode}. */
export interface NodeOptions extends RequestOptions<IncomingMessage> {
  /**
   * The template of the route that will answer, such as `/machine/{id}`. Undefined when there is none: what is answered then is told
   * by one event afterwards, and `not found` only when `refusals` has 404.
   */
  readonly route: (request: IncomingMessage) => string | undefined
}

/**
 * Records the requests of a plain `node:http` server: an attempt before the handler runs, and its outcome. A handler that throws, or
 * whose promise rejects, is recorded and answered with 500.
 *
 * @param trail opened with a policy (`capture`)
 * @throws TypeError for a trail without a policy and for options that cannot be meant
 * @example
 * ```ts
 * createServer(captureNode(trail, { route: ({ url }) => (url?.startsWith('/machine/') ? '/machine/{id}' : undefined) }, handler))
 * ```
 */
export function captureNode(
  trail: Trail,
  options: NodeOptions,
  handler: (request: IncomingMessage, answer: ServerResponse) => unknown,
): RequestListener {
  const capture = new RequestCapture(trail, options)
  return (request, answer) => {
    if (capture.skips(request)) {
      handler(request, answer)
      return
    }
    const exchange = new HttpExchange(capture, request, answer, request)
    bindAudit(request, exchange)
    const failed = (error: unknown): void => {
      exchange.failed(error)
      // Not its message: what a handler throws may hold what it was sent, and this goes to logs.
      capture.report(new Error('A handler threw; the outcome of its request says what.', { cause: error }))
      if (!answer.headersSent) answer.writeHead(500)
      answer.end()
    }
    const work = async (): Promise<void> => {
      await handler(request, answer)
    }
    const handle = (): void => {
      work().catch(failed)
    }
    const route = capture.ask(options.route, request)
    if (route === undefined) handle()
    else exchange.begin({ route }, handle).catch(failed)
  }
}
