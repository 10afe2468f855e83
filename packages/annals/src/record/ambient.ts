import { AsyncLocalStorage } from 'node:async_hooks'
import type { Draft } from '../model/index.ts'

/** Actor, tenant, origin and the like that all records inside `within` inherit; what a draft gives itself wins. */
export type Ambient = Pick<Draft, 'actor' | 'tenant' | 'project' | 'origin' | 'tags'>

/** The ambient fields of the running call chain. */
export class AmbientScope {
  readonly #storage = new AsyncLocalStorage<Ambient>()

  /** Runs work in which drafts inherit these fields; scopes nest, the inner one wins field by field. */
  run<R>(ambient: Ambient, work: () => R): R {
    return this.#storage.run(merge(this.#storage.getStore(), ambient), work)
  }

  /** The draft with what it inherits. Origin and tags are joined member by member. */
  apply(draft: Draft): Draft {
    const ambient = this.#storage.getStore()
    return ambient === undefined ? draft : merge(ambient, draft)
  }
}

function merge<T extends Ambient>(outer: Ambient | undefined, inner: T): T {
  if (outer === undefined) return inner
  // Not by assignment: an own `__proto__` must stay a member, to be refused like any other unknown one.
  const given = Object.entries(inner).filter(([, value]) => value !== undefined)
  const merged: Record<string, unknown> = { ...outer, ...Object.fromEntries(given) }
  if (isRecord(outer.origin) && isRecord(inner.origin))
    merged['origin'] = { ...outer.origin, ...inner.origin }
  if (isRecord(outer.tags) && isRecord(inner.tags)) merged['tags'] = { ...outer.tags, ...inner.tags }
  return merged as T
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
