/** A source of the DOM's kind, such as an `EventTarget`. */
export interface EventTargetLike {
  addEventListener(name: string, listener: (event: unknown) => void): void
  removeEventListener(name: string, listener: (event: unknown) => void): void
}

/** A source of Node's kind, such as an `EventEmitter`. */
export interface EventEmitterLike {
  on(name: string, listener: (...event: unknown[]) => void): unknown
  off(name: string, listener: (...event: unknown[]) => void): unknown
}

/** A source with `subscribe`, such as an Observable of RxJS. It ends by `unsubscribe`, or by calling what `subscribe` returned. */
export interface ObservableLike {
  subscribe(observer: Observer): unknown
}

/** What is told of an observable. */
export interface Observer {
  next(value: unknown): void
  error(error: unknown): void
  complete(): void
}

/** A source that gives an observable when it is asked by `Symbol.observable`, or by its name where that symbol is not there. */
export interface InteropObservable {
  readonly '@@observable': () => unknown
}

/** What can be listened to. */
export type EventSource = EventTargetLike | EventEmitterLike | ObservableLike | InteropObservable

/** Takes an event with this name. */
export type Hear = (name: string, event: readonly unknown[]) => void

const OBSERVED = ['next', 'error', 'complete']

/**
 * Listens to these events of a source; answers with what ends it.
 *
 * @throws TypeError for what is no source, and for names that an observable has not
 */
export function subscribeTo(source: EventSource, names: readonly string[], hear: Hear): () => void {
  if (has(source, 'addEventListener') && has(source, 'removeEventListener')) {
    const target = source as EventTargetLike
    return onEach(names, hear, (name, listener) => {
      target.addEventListener(name, listener)
      return () => target.removeEventListener(name, listener)
    })
  }
  if (has(source, 'on') && has(source, 'off')) {
    const emitter = source as EventEmitterLike
    return onEach(names, hear, (name, listener) => {
      emitter.on(name, listener)
      return () => emitter.off(name, listener)
    })
  }
  if (has(source, 'subscribe')) return observe(source as ObservableLike, names, hear)
  const given = observableOf(source)
  if (given !== undefined) return observe(given, names, hear)
  throw new TypeError('listen: the source is no EventTarget, EventEmitter or Observable')
}

function onEach(
  names: readonly string[],
  hear: Hear,
  add: (name: string, listener: (...event: unknown[]) => void) => () => void,
): () => void {
  const ends: (() => void)[] = []
  const end = (): void => {
    for (const one of ends.splice(0)) one()
  }
  try {
    for (const name of names) ends.push(add(name, (...event) => hear(name, event)))
  } catch (error) {
    end()
    throw error
  }
  return end
}

function observe(source: ObservableLike, names: readonly string[], hear: Hear): () => void {
  const other = names.find(name => !OBSERVED.includes(name))
  if (other !== undefined)
    throw new TypeError(`listen: an observable has no event ${JSON.stringify(other)}: ${OBSERVED.join(', ')}`)
  const subscription = source.subscribe({
    next: value => hear('next', [value]),
    error: error => hear('error', [error]),
    complete: () => hear('complete', []),
  })
  return () => {
    if (typeof subscription === 'function') subscription()
    else if (has(subscription, 'unsubscribe')) (subscription as { unsubscribe(): void }).unsubscribe()
  }
}

/** @see https://github.com/tc39/proposal-observable */
function observableOf(source: unknown): ObservableLike | undefined {
  const { observable } = Symbol as { readonly observable?: symbol }
  for (const name of [observable, '@@observable']) {
    if (name === undefined || !has(source, name)) continue
    const given = (source as Record<PropertyKey, () => unknown>)[name]?.()
    if (has(given, 'subscribe')) return given as ObservableLike
  }
  return undefined
}

function has(value: unknown, method: PropertyKey): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as Record<PropertyKey, unknown>)[method] === 'function'
  )
}
