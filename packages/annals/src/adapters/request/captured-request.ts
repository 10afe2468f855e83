import type { Draft, DraftOutcome } from '../../model/index.ts'
import type { Operation } from '../../record/recorded.ts'

/** What a handler adds to the outcome of its request. */
export type Addition = Pick<
  Draft,
  'actor' | 'tenant' | 'project' | 'targets' | 'changes' | 'topics' | 'tags' | 'description'
>

/** The audit of one request, for its handler. */
export interface RequestAudit {
  /** Joins everything that happens for the request; also in the answer's header. */
  readonly correlationId: string
  /** Joins attempt and outcome; empty where the attempt is not recorded. */
  readonly operation: string
  /**
   * Adds to the outcome: what was found to be concerned, and how it changed. Targets, changes, topics and tags are joined; of other
   * fields the last counts.
   *
   * @example
   * ```ts
   * auditOf(req).add({ targets: [{ type: 'machine', id }], changes: [{ op: 'replace', path: '/state', before: 'on', after: 'off' }] })
   * ```
   */
  add(addition: Addition): void
}

/** One request between its attempt and its outcome. */
export class CapturedRequest implements RequestAudit {
  readonly correlationId: string
  readonly #attempt: Omit<Draft, 'action'>
  readonly #operation: Operation
  readonly #report: (error: Error) => void
  #added: Addition = {}
  #finished = false

  constructor(
    correlationId: string,
    attempt: Omit<Draft, 'action'>,
    operation: Operation,
    report: (error: Error) => void,
  ) {
    this.correlationId = correlationId
    this.#attempt = attempt
    this.#operation = operation
    this.#report = report
  }

  get operation(): string {
    return this.#operation.id
  }

  add(addition: Addition): void {
    this.#added = joined(this.#added, addition)
  }

  /** Records the outcome, once; nobody waits for it, since the answer is sent. */
  finish(outcome: DraftOutcome, data: unknown): void {
    if (this.#finished) return
    this.#finished = true
    const { tags, targets, topics } = this.#attempt
    const more = joined({ tags, targets, topics }, this.#added)
    this.#operation.finish(outcome, { ...more, data }).catch(this.#report)
  }
}

function joined(before: Addition, more: Addition): Addition {
  const tags = { ...before.tags, ...more.tags }
  return {
    ...before,
    ...more,
    targets: both(before.targets, more.targets),
    changes: both(before.changes, more.changes),
    topics: both(before.topics, more.topics),
    tags,
  }
}

function both<T>(one: readonly T[] | undefined, other: readonly T[] | undefined): readonly T[] | undefined {
  return one === undefined ? other : other === undefined ? one : [...one, ...other]
}
