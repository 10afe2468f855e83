import type { MessagePort } from 'node:worker_threads'
import type { AnnalsError } from '../../../model/index.ts'

/** A call to an object in another thread. */
export interface Call {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

/** What came of it. */
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure }

/** An error that has crossed a thread: class instances do not survive the crossing. */
export interface Failure {
  readonly code: string | undefined
  readonly message: string
  readonly path?: string
  readonly position?: readonly [number, number]
  readonly hint?: string
  readonly stack: string | undefined
}

/** Name of the call that ends a thread. */
export const CLOSE = 'close'

/** Serves the methods of an object to the other end of a port, one call at a time and in order. */
export function answer(port: MessagePort, target: object, close: () => void): void {
  let running: Promise<void> = Promise.resolve()
  port.on('message', (call: Call) => {
    running = running.then(async () => {
      try {
        if (call.method === CLOSE) {
          close()
          port.postMessage({ id: call.id, value: undefined } satisfies Reply)
          port.close()
          return
        }
        const method = (target as Record<string, (...args: readonly unknown[]) => unknown>)[call.method]
        if (method === undefined) throw new TypeError(`no method ${call.method}`)
        port.postMessage({
          id: call.id,
          value: await method.apply(target, call.args as unknown[]),
        } satisfies Reply)
      } catch (error) {
        port.postMessage({ id: call.id, failure: toFailure(error) } satisfies Reply)
      }
    })
  })
}

function toFailure(error: unknown): Failure {
  const e = error as Partial<AnnalsError> & NodeJS.ErrnoException
  return {
    code: e.code,
    message: e.message ?? String(error),
    ...(e.path === undefined ? {} : { path: e.path }),
    ...(e.position === undefined ? {} : { position: e.position }),
    ...(e.hint === undefined ? {} : { hint: e.hint }),
    stack: e.stack,
  }
}
