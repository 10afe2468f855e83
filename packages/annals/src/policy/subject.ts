import type { AuditEvent, Outcome } from '../model/index.ts'

/** A resource or person as a policy sees one. */
export interface SubjectRef {
  readonly type: string
  readonly id: string
}

/** What a policy decides about: a request, an event, or both. What is absent matches no rule that asks for it. */
export interface Subject {
  /** HTTP method. */
  readonly method?: string | undefined
  /** Route template such as `/v1/machine/{id}/free`, never the path that a client sent: a client can choose that. */
  readonly route?: string | undefined
  /** Full name of a gRPC service, such as `api.v1.BootService`. */
  readonly service?: string | undefined
  /** gRPC method, such as `Register`. */
  readonly rpc?: string | undefined
  readonly action?: string | undefined
  readonly actor?: SubjectRef | undefined
  readonly targets?: readonly SubjectRef[] | undefined
  readonly tenant?: string | undefined
  readonly project?: string | undefined
  readonly outcome?: Outcome['result'] | undefined
}

/** Tags that say which request an event was recorded for: OpenTelemetry's names of them. */
export const REQUEST_TAGS = {
  method: 'http.request.method',
  route: 'http.route',
  service: 'rpc.service',
  rpc: 'rpc.method',
} as const

/** The parts of an event that a policy looks at. */
export type Decidable = Pick<
  AuditEvent,
  'action' | 'actor' | 'targets' | 'tenant' | 'project' | 'outcome' | 'tags'
>

/**
 * The subject of an event. The request it was recorded for is read from its tags, see {@link REQUEST_TAGS}.
 *
 * @example
 * ```ts
 * policy.decide(subjectOf(event)).rule
 * ```
 */
export function subjectOf({ action, actor, targets, tenant, project, outcome, tags }: Decidable): Subject {
  const subject = { action, actor, targets, tenant, project, outcome: outcome.result }
  return tags === undefined
    ? subject
    : {
        ...subject,
        method: tags[REQUEST_TAGS.method],
        route: tags[REQUEST_TAGS.route],
        service: tags[REQUEST_TAGS.service],
        rpc: tags[REQUEST_TAGS.rpc],
      }
}
