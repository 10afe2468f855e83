/** Values that no field expects. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  ' ',
  'x'.repeat(600),
  'é'.repeat(300),
  '\u0000\n\u202e',
  '../..',
  [],
  {},
  [[null]],
  [{}, 'x', 0, null],
  { toString: 1, length: -1, type: [], name: {}, id: 0 },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":null}}'),
  Array.from({ length: 100 }, (_, at) => ({ name: `n${at}`, id: `i${at}`, instanceId: `i-${at}` })),
]

/**
 * Copies of a record in which one place is absent or holds something strange. Deterministic.
 *
 * @example
 * ```ts
 * [...mutants({ a: 1 })][0] // {}
 * ```
 */
export function* mutants(record: unknown): Generator<unknown> {
  for (const path of places(record, 0)) {
    yield replaced(record, path, undefined)
    for (const value of STRANGE) yield replaced(record, path, value)
  }
}

/** The value, frozen at every depth, so that a change of it throws. */
export function deepFrozen<T>(value: T): T {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null || Object.isFrozen(next)) continue
    Object.freeze(next)
    open.push(...Object.values(next))
  }
  return value
}

function* places(value: unknown, depth: number): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null || depth > 6) return
  for (const [key, part] of Object.entries(value)) {
    yield [key]
    for (const path of places(part, depth + 1)) yield [key, ...path]
  }
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value))
    return value.map((part, at) => (String(at) === key ? (replaced(part, rest, by) ?? null) : part))
  const entries = Object.entries(value as object).map(
    ([name, part]) => [name, name === key ? replaced(part, rest, by) : part] as const,
  )
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined))
}
