import type { AnnalsError, Draft } from '../../model/index.ts'
import type { Call, Content } from './call.ts'

/** How requests are turned into events. Everything may be left out. */
export interface RequestOptions<Request> {
  /**
   * Who calls; whoever calls without a name is `anonymous`. Asked after authentication, before the handler.
   *
   * @defaultValue an `unknown` actor: a service that says nothing of its callers is not taken to have none
   */
  readonly actor?: (request: Request) => Draft['actor'] | null | Promise<Draft['actor'] | null>
  readonly tenant?: (request: Request) => string | undefined
  readonly project?: (request: Request) => string | undefined
  /** What the request is about. More are added while it is handled, see `auditOf`. */
  readonly targets?: (request: Request) => Draft['targets']
  /** The action of its events. @defaultValue `http.request`; `rpc.call` of a remote procedure call */
  readonly action?: (call: Call, request: Request) => string
  /** Further tags. Those that say which request it was are there already. */
  readonly tags?: (request: Request) => Readonly<Record<string, string>>
  /** What `data` of an event holds, from what was kept. @defaultValue `query`, `headers` and `body` as they are */
  readonly data?: (content: Content, request: Request) => unknown
  /** True for a request that is not looked at at all, whatever the policy says. @defaultValue none */
  readonly skip?: (request: Request) => boolean
  /**
   * Statuses of answers that are recorded though no handler of a route ran, such as a refusal by whoever checks credentials.
   *
   * @defaultValue 401 and 403
   */
  readonly refusals?: readonly number[]
  /** Largest body that is kept of a request and of an answer, bytes, from 0 for none to 32,768. @defaultValue 16,384 */
  readonly bodyBytes?: number
  /** Headers of the request that are kept. @defaultValue none */
  readonly headers?: readonly string[]
  /**
   * Proxies whose `X-Forwarded-For` is believed: how many stand before the service, or their addresses and networks.
   *
   * @defaultValue none: the address is that of the connection
   */
  readonly trustedProxies?: number | readonly string[]
  /** Header that a correlation id is taken from and answered in. @defaultValue `x-request-id` */
  readonly correlationHeader?: string
  /** Name of the service, for `origin.component`. */
  readonly component?: string
  /** What is answered when a request that must be recorded could not be. @defaultValue 503 with problem details (RFC 9457) */
  readonly onUnavailable?: (error: AnnalsError, request: Request) => Refusal
  /** Told of what could not be recorded after the answer was sent, and of resolvers that threw. @defaultValue a process warning */
  readonly onError?: (error: Error) => void
}

/** An answer instead of that of the handler. */
export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is when it is a text, else as JSON. */
  readonly body?: unknown
}

/** Largest body that can be waited for before anybody reads it: what Node.js buffers of a request, and half of it in reserve. */
const MOST_BODY_BYTES = 32_768
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/

/** @throws TypeError for an option that cannot be meant */
export function checkOptions<R>({ bodyBytes, headers, correlationHeader }: RequestOptions<R>): void {
  if (
    bodyBytes !== undefined &&
    !(Number.isInteger(bodyBytes) && bodyBytes >= 0 && bodyBytes <= MOST_BODY_BYTES)
  )
    throw new TypeError(`bodyBytes ${bodyBytes}: a whole number from 0 to ${MOST_BODY_BYTES}`)
  for (const name of [...(headers ?? []), correlationHeader ?? 'x-request-id'])
    if (!HEADER_NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a header`)
}
