import type { Json } from './event.ts'

/**
 * Whether two JSON values are the same: members in any order, undefined members as if absent, −0 as 0.
 *
 * @example
 * ```ts
 * sameJson({ a: 1, b: [2] }, { b: [2], a: 1 }) // true
 * ```
 */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isList(a) || isList(b)) {
    if (!isList(a) || !isList(b) || a.length !== b.length) return false
    return a.every((element, at) => sameJson(element, b[at] ?? null))
  }
  const names = memberNames(a)
  if (names.length !== memberNames(b).length) return false
  for (const name of names) {
    const other = member(b, name)
    if (other === undefined || !sameJson(a[name] ?? null, other)) return false
  }
  return true
}

/** Whether a JSON value is an array; Array.isArray does not narrow readonly ones. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Names of the members that are there. */
export function memberNames(value: { readonly [key: string]: Json }): string[] {
  return Object.keys(value).filter(name => value[name] !== undefined)
}

/** An own member, or undefined. */
export function member(value: { readonly [key: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/**
 * One spelling for equal values: members sorted by UTF-16 code units, as RFC 8785 has it. Undefined members are left out.
 *
 * @example
 * ```ts
 * spellJson({ b: 1, a: [true] }) // '{"a":[true],"b":1}'
 * ```
 */
export function spellJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(spellJson).join()}]`
  const members = memberNames(value).sort()
  return `{${members.map(name => `${JSON.stringify(name)}:${spellJson(value[name] ?? null)}`).join()}}`
}
