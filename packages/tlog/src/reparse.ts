/**
 * Parses JSON text that JSON.parse has accepted, token by token, and so without the key cache of V8, which can give an
 * escaped key as a single backslash (nodejs/node issue 63785).
 */
export function reparse(text: string): unknown {
  const root: unknown[] = []
  const open: (unknown[] | Record<string, unknown>)[] = [root]
  const keys: (string | undefined)[] = [undefined]
  const add = (value: unknown): void => {
    const container = open.at(-1)
    if (Array.isArray(container)) container.push(value)
    else if (container !== undefined) {
      // Not an assignment, so that a key __proto__ is a key.
      Object.defineProperty(container, keys.at(-1) ?? '', {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      })
      keys[keys.length - 1] = undefined
    }
  }
  // The text is valid, so commas, colons and white space say nothing.
  for (const [token] of text.matchAll(/[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"|[-+.0-9A-Za-z]+/g)) {
    if (token === '{' || token === '[') {
      const container = token === '[' ? [] : {}
      add(container)
      open.push(container)
      keys.push(undefined)
    } else if (token === '}' || token === ']') {
      open.pop()
      keys.pop()
    } else if (Array.isArray(open.at(-1)) || keys.at(-1) !== undefined) {
      add(JSON.parse(token))
    } else {
      keys[keys.length - 1] = String(JSON.parse(token))
    }
  }
  return root[0]
}
