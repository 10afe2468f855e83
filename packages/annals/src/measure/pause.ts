import { setImmediate } from 'node:timers/promises'

/** How long work goes on before others have the thread, in milliseconds. */
const SLICE_MS = 4

/** A function to call between small pieces of work: it gives the thread away when its slice of time is over. */
export function slices(): () => Promise<void> | undefined {
  let begun = performance.now()
  return () => {
    if (performance.now() - begun < SLICE_MS) return undefined
    return setImmediate().then(() => {
      begun = performance.now()
    })
  }
}
