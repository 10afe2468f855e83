import { AnnalsError, type Draft, type Origin } from '../../model/index.ts'
import { type Policy, REQUEST_TAGS, type Subject } from '../../policy/index.ts'
import type { Ambient } from '../../record/ambient.ts'
import type { Operation } from '../../record/recorded.ts'
import type { Trail } from '../../trail/trail.ts'
import type { Call, Caller, Content } from './call.ts'
import { CapturedRequest } from './captured-request.ts'
import { type ClientAddress, clientAddress } from './client-address.ts'
import { correlationOf } from './correlation.ts'
import { checkOptions, type Refusal, type RequestOptions } from './options.ts'

const DEFAULT_BODY_BYTES = 16_384
/** Outcomes that a rule may ask for: what is recorded of none of them is not recorded. */
const OUTCOMES = ['pending', 'success', 'failure', 'denied'] as const

/** A request as it has been looked at, before anything is recorded. */
export interface Seen {
  /** What is inherited by everything that is recorded while it is handled. */
  readonly ambient: Ambient
  readonly subject: Subject
  /** The policy may record it, whatever comes of it. */
  readonly isAudited: boolean
  /** Contents are recorded. */
  readonly isFull: boolean
}

/** Turns requests into attempts and outcomes. Knows no framework: adapters tell it what is called and by whom. */
export class RequestCapture<Request> {
  readonly options: RequestOptions<Request>
  /** Lower case. */
  readonly correlationHeader: string
  readonly bodyBytes: number
  readonly report: (error: Error) => void
  readonly #trail: Trail
  readonly #policy: Policy
  readonly #address: ClientAddress

  /** @throws TypeError for a trail without a policy, which would store secrets as they come, and for options that cannot be meant */
  constructor(trail: Trail, options: RequestOptions<Request> = {}) {
    if (trail.capture === undefined) {
      throw new TypeError(
        "Requests are only recorded under a policy, which masks secrets: open the trail with `capture: createPolicy({ preset: 'mutating' })` of annals/policy.",
      )
    }
    checkOptions(options)
    this.options = options
    this.correlationHeader = (options.correlationHeader ?? 'x-request-id').toLowerCase()
    this.bodyBytes = options.bodyBytes ?? DEFAULT_BODY_BYTES
    this.#trail = trail
    this.#policy = trail.capture
    this.#address = clientAddress(options.trustedProxies)
    this.report = guarded(options.onError ?? ((error: Error) => process.emitWarning(error)))
  }

  /** The request is not looked at at all. */
  skips(request: Request): boolean {
    return this.ask(this.options.skip, request) === true
  }

  /** The correlation id of a request: the one that it came with, or a new one. */
  correlationOf(caller: Caller): string {
    return correlationOf(caller.header(this.correlationHeader))
  }

  /** Looks at a request: who, what and where from; whether it is recorded. Resolvers that throw are reported. */
  async see(call: Call, caller: Caller, request: Request, correlationId: string): Promise<Seen> {
    const { options } = this
    const tenant = this.ask(options.tenant, request)
    const project = this.ask(options.project, request)
    const targets = this.ask(options.targets, request)
    const actor = await this.#actorOf(request)
    const ambient: Ambient = {
      actor,
      origin: this.#originOf(caller, correlationId),
      ...(tenant === undefined ? {} : { tenant }),
      ...(project === undefined ? {} : { project }),
    }
    const subject: Subject = {
      ...call,
      action: this.#actionOf(call, request),
      actor,
      targets,
      tenant,
      project,
    }
    const captures = OUTCOMES.map(outcome => this.#policy.decide({ ...subject, outcome }).capture)
    return {
      ambient,
      subject,
      isAudited: captures.some(capture => capture !== 'none'),
      isFull: captures.includes('full'),
    }
  }

  /**
   * Records the attempt.
   *
   * @throws AnnalsError when it is not recorded and the rule refuses: the handler must not run then
   */
  async attempt(
    seen: Seen,
    request: Request,
    correlationId: string,
    content: Content,
  ): Promise<CapturedRequest> {
    const draft = this.#draftOf(seen, request, content)
    const action = seen.subject.action as string
    const operation = await this.#trail.begin(action, draft)
    return new CapturedRequest(correlationId, draft, operation, this.report)
  }

  /** A request that is over before its handler could begin: one event tells of it. */
  refused(seen: Seen, request: Request, correlationId: string, content: Content): CapturedRequest {
    const draft = this.#draftOf(seen, request, content)
    const action = seen.subject.action as string
    const recorded = { id: '', index: -1, level: 'none' } as const
    const finish: Operation['finish'] = (outcome, more) =>
      this.#trail.record(action, { ...draft, ...more, outcome })
    return new CapturedRequest(correlationId, draft, { id: '', recorded, finish }, this.report)
  }

  /** Runs what handles the request: all that it records inherits who asked and where from. */
  within<R>(ambient: Ambient, work: () => R): R {
    return this.#trail.within(ambient, work)
  }

  /** What `data` of an event holds. */
  dataOf(content: Content, request: Request): unknown {
    const { data } = this.options
    if (data !== undefined) return this.ask(one => data(content, one), request)
    const { path, query, headers, body, messages } = content
    const kept = {
      ...(path === undefined ? {} : { path }),
      ...(isEmpty(query) ? {} : { query }),
      ...(isEmpty(headers) ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      ...(messages === undefined ? {} : { messages }),
    }
    return isEmpty(kept) ? undefined : kept
  }

  /** What the caller is answered instead. */
  refusalOf(thrown: unknown, request: Request): Refusal {
    const error = thrown instanceof AnnalsError ? thrown : new AnnalsError('ANNALS_STORE', String(thrown))
    const { onUnavailable } = this.options
    if (onUnavailable !== undefined) {
      try {
        return onUnavailable(error, request)
      } catch (failure) {
        this.report(failure instanceof Error ? failure : new Error(String(failure)))
      }
    }
    this.report(error)
    return {
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
      body: {
        type: 'about:blank',
        title: 'Not recorded',
        status: 503,
        detail: 'The audit trail could not record this request, so it was not carried out. Try again.',
        code: error.code,
      },
    }
  }

  /** The headers that the options name. */
  headersOf(caller: Caller): Content['headers'] {
    const kept: Record<string, string> = {}
    for (const name of this.options.headers ?? []) {
      const value = caller.header(name.toLowerCase())
      if (value !== undefined) kept[name.toLowerCase()] = value
    }
    return kept
  }

  #draftOf(
    { subject, ambient }: Seen,
    request: Request,
    content: Content,
  ): Omit<Draft, 'action' | 'outcome'> {
    const { method, route, service, rpc, targets } = subject
    const tags: Record<string, string> = { ...this.ask(this.options.tags, request) }
    if (method !== undefined) tags[REQUEST_TAGS.method] = method
    if (route !== undefined) tags[REQUEST_TAGS.route] = route
    if (service !== undefined) tags[REQUEST_TAGS.service] = service
    if (rpc !== undefined) tags[REQUEST_TAGS.rpc] = rpc
    return {
      ...ambient,
      tags,
      ...(this.options.action === undefined ? { description: sentenceOf(subject, content) } : {}),
      data: this.dataOf(content, request),
      ...(targets === undefined ? {} : { targets: targets as Draft['targets'] }),
    }
  }

  #actionOf(call: Call, request: Request): string {
    const { action } = this.options
    const own = action === undefined ? undefined : this.ask(one => action(call, one), request)
    return own ?? (call.rpc === undefined ? 'http.request' : 'rpc.call')
  }

  async #actorOf(request: Request): Promise<NonNullable<Draft['actor']>> {
    const { actor } = this.options
    if (actor === undefined) return { type: 'unknown', id: '' }
    try {
      return (await actor(request)) ?? { type: 'anonymous', id: '' }
    } catch (error) {
      this.report(error instanceof Error ? error : new Error(String(error)))
      return { type: 'unknown', id: '', unverified: true }
    }
  }

  #originOf(caller: Caller, correlationId: string): Origin {
    const ip = this.#address(caller.peer, caller.header('x-forwarded-for'))
    const userAgent = caller.header('user-agent')
    const { component } = this.options
    return {
      correlationId,
      requestId: correlationId,
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(component === undefined ? {} : { component }),
    }
  }

  /** What a resolver says; undefined when it throws, which must not take the request with it. */
  ask<T>(resolver: ((request: Request) => T) | undefined, request: Request): T | undefined {
    try {
      return resolver?.(request)
    } catch (error) {
      this.report(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }
}

/** Says what was asked; an action of the service's own has its own sentence. */
function sentenceOf({ method, route, service, rpc }: Subject, { path }: Content): string {
  return rpc === undefined ? `${method} ${route ?? `${path} (no route)`}` : `${service}/${rpc}`
}

function isEmpty(value: object | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0
}

function guarded(onError: (error: Error) => void): (error: Error) => void {
  return error => {
    try {
      onError(error)
    } catch (thrown) {
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown))
    }
  }
}
