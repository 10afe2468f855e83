/** Longer keys seldom repeat and would only hold memory. */
const LONGEST = 128

const forgetters: (() => void)[] = []

/** Forgets every remembered result of this thread: values of events may be among the keys. */
export function forgetRemembered(): void {
  for (const forget of forgetters) forget()
}

/**
 * A pure function that remembers its latest results: up to twice `limit`, in two generations of which the older is
 * dropped whole.
 *
 * @example
 * ```ts
 * const lower = remember(1000, text => text.toLowerCase())
 * ```
 */
export function remember<T extends {}>(limit: number, make: (key: string) => T): (key: string) => T {
  let young = new Map<string, T>()
  let old = new Map<string, T>()
  forgetters.push(() => {
    young = new Map()
    old = new Map()
  })
  return key => {
    const known = young.get(key)
    if (known !== undefined) return known
    const value = old.get(key) ?? make(key)
    if (key.length > LONGEST) return value
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(key, value)
    return value
  }
}
