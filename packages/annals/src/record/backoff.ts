/** First and longest wait between two tries, milliseconds. */
const FIRST_MS = 50
const LONGEST_MS = 2_000

/**
 * How long to wait before another try, milliseconds: exponential, with full jitter, so that clients which lost a server together do not
 * come back together; and at least what the server asked for.
 *
 * @param tries that have failed so far, from 1
 */
export function backoffMs(tries: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const bound = Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS)
  return Math.max(retryAfterMs, Math.ceil(random() * bound))
}

/** Waits; ends early, without an error, when the signal does. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
