/**
 * An answer that is asked for often and costs something: made anew when it is older than a bound, and once for all who ask meanwhile.
 *
 * @param ms how long an answer is good
 */
export function remembered<T>(make: () => Promise<T>, ms: number): () => Promise<T> {
  let made: Promise<T> | undefined
  let at = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    if (made !== undefined && now - at < ms) return made
    at = now
    const making = make()
    made = making
    making.catch(() => {
      // A failure is nobody else's answer.
      if (made === making) made = undefined
    })
    return making
  }
}
