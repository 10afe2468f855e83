import type { Json } from './event.ts'
import type { Limits } from './limits.ts'
import { isPlain, setOwn } from './own.ts'
import { exceed, guardReads, kindOf, refuse, startWalk, type Walk } from './walk.ts'

/**
 * A deep copy of a value that JSON can carry. Refused with their path: class instances (Date, Map, …), functions, symbols,
 * bigint, undefined in arrays, lone surrogates (also in names), numbers that are not finite or beyond ±(2^53−1), nesting
 * below `limits.depth`, accessors that throw. Undefined members are left out; `__proto__` and `constructor` are kept as own
 * members; −0 becomes 0.
 *
 * @param at JSON pointer segments of the value, for error paths; their number is its depth
 * @throws AnnalsError ANNALS_INVALID or ANNALS_LIMIT
 * @example
 * ```ts
 * checkJson({ size: 3, gone: undefined }, DEFAULT_LIMITS, ['data']) // { size: 3 }
 * ```
 */
export function checkJson(value: unknown, limits: Limits, at: readonly string[] = []): Json {
  const walk = startWalk(limits)
  const last = at.at(-1)
  walk.path.push(...at.slice(0, -1))
  return guardReads(walk, () => copyJson(walk, last ?? '', value, at.length + 1))
}

/** Copies a member of the container that `walk.path` names. `depth` is that of the value; the event itself is 1. */
export function copyJson(walk: Walk, key: string | number, value: unknown, depth: number): Json {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed()
        ? value
        : refuse(walk, key, 'holds a lone surrogate, which UTF-8 cannot carry')
    case 'boolean':
      return value
    case 'number':
      // NaN fails both comparisons; adding 0 turns -0 into 0.
      return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
        ? value + 0
        : refuseNumber(walk, key, value)
    case 'object':
      if (value === null) return null
      if (depth > walk.limits.depth)
        return exceed(walk, key, `is nested deeper than ${walk.limits.depth}, or is a cycle`)
      walk.path.push(key)
      {
        const copy = Array.isArray(value)
          ? copyArray(walk, value, depth)
          : copyObject(walk, key, value, depth)
        walk.path.pop()
        return copy
      }
    default:
      return refuse(
        walk,
        key,
        `JSON cannot carry ${kindOf(value)}`,
        typeof value === 'bigint' ? 'send it as a string' : undefined,
      )
  }
}

function copyArray(walk: Walk, values: readonly unknown[], depth: number): Json {
  const length = values.length
  spend(walk, length)
  const copy: Json[] = []
  for (let at = 0; at < length; at += 1) copy.push(copyJson(walk, at, values[at], depth + 1))
  return copy
}

function copyObject(walk: Walk, key: string | number, value: object, depth: number): Json {
  if (!isPlain(value)) {
    walk.path.pop()
    return refuse(walk, key, `JSON cannot carry ${kindOf(value)}`, hintFor(value))
  }
  const copy: Record<string, Json> = {}
  const names = Object.keys(value)
  spend(walk, names.length)
  for (const name of names) {
    const member = value[name]
    if (member === undefined) continue
    if (!name.isWellFormed())
      refuse(walk, name.toWellFormed(), 'its name holds a lone surrogate, which UTF-8 cannot carry')
    setOwn(copy, name, copyJson(walk, name, member, depth + 1))
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    walk.path.pop()
    return refuse(walk, key, 'JSON cannot carry members named by symbols')
  }
  return copy
}

function spend(walk: Walk, values: number): void {
  walk.left -= values
  if (!(walk.left >= 0)) {
    const key = walk.path.pop() ?? ''
    exceed(walk, key, `the event has more than ${walk.limits.eventBytes} values, or a cycle`)
  }
}

function refuseNumber(walk: Walk, key: string | number, value: number): never {
  if (!Number.isFinite(value)) return refuse(walk, key, 'must be a finite number')
  return refuse(walk, key, 'is beyond ±(2^53−1), where digits get lost', 'send it as a string')
}

function hintFor(value: object): string {
  if (value instanceof Date) return 'send toISOString()'
  if (value instanceof Map || value instanceof Set) return 'send a plain object or an array'
  if (ArrayBuffer.isView(value)) return 'send it as text, base64 for example'
  return 'send a plain object'
}
