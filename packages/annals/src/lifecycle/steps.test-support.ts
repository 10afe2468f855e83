import type { Store } from '../log/store.ts'

/** Called before a step of a store is taken; what it throws, the step fails with. */
export type BeforeStep = (step: string) => void

/** Steps of an erasure that change something. */
const STEPS: ReadonlySet<string> = new Set([
  'append',
  'publish',
  'erase',
  'retire',
  'puncture',
  'destroySubjects',
  'setApplied',
])

/** A real store that stops for `before` before every step that changes it. */
export function stepping(store: Store, before: BeforeStep): Store {
  const log = stepped(store.log, 'log.', before)
  const keys = stepped(store.keys, 'keys.', before)
  return new Proxy(stepped(store, 'store.', before), {
    get: (target, name) =>
      name === 'log' ? log : name === 'keys' ? keys : Reflect.get(target, name, target),
  })
}

function stepped<T extends object>(target: T, label: string, before: BeforeStep): T {
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (typeof name !== 'string' || !STEPS.has(name))
        return (...given: unknown[]): unknown => Reflect.apply(member, target, given)
      return async (...given: unknown[]): Promise<unknown> => {
        before(label + name)
        return await Reflect.apply(member, target, given)
      }
    },
  })
}
