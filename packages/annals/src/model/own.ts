/**
 * Sets an own member of a plain object, whatever its name: `__proto__` becomes a member, not the prototype.
 *
 * @example
 * ```ts
 * setOwn({}, '__proto__', 1) // an object with one own member
 * ```
 */
export function setOwn<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
  } else {
    target[name] = value
  }
}

/**
 * Whether a value is a plain object: made by a literal, by JSON.parse, with a null prototype, or so in another realm.
 * Class instances, arrays, Dates and Maps are not.
 *
 * @example
 * ```ts
 * isPlain(JSON.parse('{}')) // true
 * isPlain(new Date())       // false
 * ```
 */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}
