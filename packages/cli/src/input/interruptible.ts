import type { Context } from '../context.ts'
import { isInterrupted } from '../context.ts'

/**
 * The chunks of an input until Ctrl-C. What was read before is passed on; waiting for more ends at once. A reader of stdout
 * that goes away does not end it: what arrives is still recorded.
 */
export async function* interruptible(
  input: AsyncIterable<Uint8Array>,
  context: Context,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = input[Symbol.asyncIterator]()
  const stopped = new Promise<undefined>(resolve => {
    context.signal.addEventListener('abort', () => {
      if (isInterrupted(context)) resolve(undefined)
    })
  })
  for (;;) {
    if (isInterrupted(context)) return
    const next = await Promise.race([chunks.next(), stopped])
    if (next === undefined || next.done === true) return
    yield next.value
  }
}
