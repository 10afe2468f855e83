import type { AuditEvent } from '../model/index.ts'

/** A value of `is:` or `has:`. */
export interface Flag {
  readonly name: string
  readonly help: string
  readonly test: (event: AuditEvent) => boolean
  /** Decided by the entry's header alone. */
  readonly header?: true
  /** Rare enough that an index keeps a term for it. */
  readonly indexed?: true
  /** A term that another field gives in just this case. */
  readonly sameAs?: string
}

/** The values of `is:`. */
export const IS_FLAGS: readonly Flag[] = [
  {
    name: 'failed',
    help: 'the outcome is failure or denied',
    test: event => event.outcome.result === 'failure' || event.outcome.result === 'denied',
    header: true,
    indexed: true,
  },
  {
    name: 'impersonated',
    help: 'the actor acted on behalf of another',
    test: event => event.actor.onBehalfOf !== undefined,
    indexed: true,
  },
  {
    name: 'unverified',
    help: 'the context that named the actor could not be checked',
    test: event => event.actor.unverified === true,
    indexed: true,
  },
  {
    name: 'internal',
    help: 'only operators may see it',
    test: event => event.visibility === 'operator',
    indexed: true,
    sameAs: 'v:operator',
  },
  // Whether a chunk is archived is not in the event; a log that is read here is not archived away.
  { name: 'archived', help: 'in cold storage (no event of a live log is)', test: () => false, indexed: true },
  {
    name: 'redacted',
    help: 'a changed value was masked, or a part was erased',
    test: event => isErased(event) || event.changes?.some(change => change.masked === true) === true,
    indexed: true,
  },
  { name: 'erased', help: 'a part was erased', test: isErased, indexed: true },
  {
    name: 'backfilled',
    help: 'entered later by a person',
    test: event => event.backfill !== undefined,
    indexed: true,
  },
]

/** The values of `has:`. */
export const HAS_FLAGS: readonly Flag[] = [
  {
    name: 'error',
    help: 'an error code or message',
    test: event => Boolean(event.outcome.code || event.outcome.message),
    indexed: true,
  },
  { name: 'changes', help: 'changed places', test: event => filled(event.changes), indexed: true },
  { name: 'data', help: 'data of its type', test: event => event.data !== undefined },
  { name: 'tags', help: 'tags', test: event => filled(Object.keys(event.tags ?? {})) },
  { name: 'targets', help: 'a target', test: event => filled(event.targets) },
  { name: 'topics', help: 'topics besides its action', test: event => filled(event.topics), indexed: true },
  { name: 'description', help: 'a sentence of its own', test: event => Boolean(event.description) },
  { name: 'tenant', help: 'a tenant', test: event => event.tenant !== undefined },
  { name: 'project', help: 'a project', test: event => event.project !== undefined },
  { name: 'source', help: 'a system it was imported from', test: event => event.source !== undefined },
  { name: 'component', help: 'a component', test: event => event.origin.component !== undefined },
  { name: 'ip', help: 'an address', test: event => event.origin.ip !== undefined },
  { name: 'corr', help: 'a correlation id', test: event => event.origin.correlationId !== undefined },
  { name: 'request', help: 'a request id', test: event => event.origin.requestId !== undefined },
  { name: 'took', help: 'a duration', test: event => event.outcome.durationMs !== undefined },
  { name: 'notes', help: 'a note why a field is absent', test: event => filled(event.notes), indexed: true },
  { name: 'truncated', help: 'a value that was cut', test: event => filled(event.truncated), indexed: true },
]

function isErased(event: AuditEvent): boolean {
  return filled(event.erased)
}

function filled(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0
}
