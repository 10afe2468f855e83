import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Trail } from '../trail/trail.ts'
import { bindAudit } from './request/audit-of.ts'
import { templateOf } from './request/call.ts'
import { HttpExchange } from './request/http-exchange.ts'
import type { RequestOptions } from './request/options.ts'
import { RequestCapture } from './request/request-capture.ts'

export { auditOf } from './request/audit-of.ts'
export type { Addition, RequestAudit } from './request/captured-request.ts'
export type { Refusal, RequestOptions } from './request/options.ts'

/** An Express 5 application, as far as it is needed. */
export interface ExpressApplication {
  readonly router: unknown
  // biome-ignore lint/suspicious/noExplicitAny: what Express declares is wider than any type of ours
  use(middleware: (request: any, answer: any, next: (error?: unknown) => void) => void): unknown
}

/** A request of Express, as resolvers get it. */
export interface ExpressRequest extends IncomingMessage {
  readonly params: Record<string, string | string[]>
  readonly query: unknown
  readonly body?: unknown
}

type Next = (error?: unknown) => void
type Handler = (request: ExpressRequest, answer: ServerResponse, next: Next) => unknown
interface Route {
  readonly path: unknown
  dispatch: Handler
}
interface Layer {
  readonly route?: Route | undefined
  /** The path as it was given. */
  readonly rawPath?: unknown
  handle: Handler
}
interface Router extends Handler {
  readonly stack: Layer[]
}

/**
 * Records the requests of an Express 5 application: an attempt before the first handler of a route runs, and its outcome. Routers that
 * are mounted are included, also those that are made later. Call it before anything else is added to the application.
 *
 * @param trail opened with a policy (`capture`)
 * @throws TypeError when the application has routes already, for a trail without a policy, and for options that cannot be meant
 * @example
 * ```ts
 * const app = express()
 * captureExpress(app, trail, { actor: req => req.user && { type: 'user', id: req.user.id } })
 * app.use(express.json())
 * app.delete('/machine/:id', (req, res) => res.sendStatus(204))
 * ```
 */
export function captureExpress<R extends IncomingMessage = ExpressRequest>(
  app: ExpressApplication,
  trail: Trail,
  options: RequestOptions<R> = {},
): void {
  const capture = new RequestCapture(trail, options)
  const router = app.router as Router
  if (router.stack.length > 0)
    throw new TypeError(
      'captureExpress comes before the middleware and routes of an application: it has some.',
    )
  const requests = new Requests()
  app.use((request: ExpressRequest, answer: ServerResponse, next: Next) => {
    const asked = request as unknown as R
    if (!capture.skips(asked)) {
      const exchange = new HttpExchange(capture, request, answer, asked)
      requests.exchanges.set(request, exchange as HttpExchange<unknown>)
      bindAudit(request, exchange)
    }
    next()
  })
  requests.follow(router)
}

/** The requests under way in an application, and the templates of the paths that their routers are mounted at. */
class Requests {
  readonly exchanges = new WeakMap<IncomingMessage, HttpExchange<unknown>>()
  readonly #mounts = new WeakMap<IncomingMessage, string>()
  readonly #followed = new WeakSet<Router>()

  /** Wraps what is in a router, and whatever will be added to it. */
  follow(router: Router): void {
    if (this.#followed.has(router)) return
    this.#followed.add(router)
    const { stack } = router
    for (const layer of stack) this.#wrap(layer)
    const push = stack.push
    // Everything that a router gets goes through here, be it by `use`, `route` or a method.
    stack.push = (...layers) => {
      for (const layer of layers) this.#wrap(layer)
      return push.apply(stack, layers)
    }
  }

  #wrap(layer: Layer): void {
    if (layer.route !== undefined) this.#wrapRoute(layer.route)
    else if (isRouter(layer.handle)) this.#wrapMounted(layer, layer.handle)
  }

  #wrapRoute(route: Route): void {
    const { dispatch } = route
    route.dispatch = (request, answer, next) => {
      const exchange = this.exchanges.get(request)
      if (exchange === undefined) return dispatch.call(route, request, answer, next)
      const path = `${this.#mounts.get(request) ?? ''}${pathOf(route.path)}`
      const done: Next = error => {
        // These two are signals to go on elsewhere, no errors.
        if (error !== undefined && error !== null && error !== 'route' && error !== 'router')
          exchange.failed(error)
        next(error)
      }
      const { body } = request
      return exchange.begin({ route: path, body }, () => {
        dispatch.call(route, request, answer, done)
      })
    }
  }

  #wrapMounted(layer: Layer, router: Router): void {
    this.follow(router)
    layer.handle = (request, answer, next) => {
      const before = this.#mounts.get(request) ?? ''
      this.#mounts.set(request, `${before}${pathOf(layer.rawPath)}`)
      return router(request, answer, error => {
        this.#mounts.set(request, before)
        next(error)
      })
    }
  }
}

function isRouter(handle: Handler): handle is Router {
  return Array.isArray((handle as Partial<Router>).stack)
}

/** A path as a template; the root adds nothing to what is mounted there. */
function pathOf(path: unknown): string {
  if (path === '/' || path === undefined) return ''
  return Array.isArray(path) ? path.map(pathOf).join(',') : templateOf(String(path))
}
