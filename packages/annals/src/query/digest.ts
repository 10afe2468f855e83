import type { Query } from './ast.ts'
import { printQuery } from './print.ts'

/**
 * 16 hexadecimal digits that tell queries apart: the same for every spelling of one query, in every process and
 * version. Not cryptographic: it finds mistakes, not attacks.
 *
 * @example
 * ```ts
 * queryDigest(parseQuery('user:alice')) === queryDigest(parseQuery('actor:alice')) // true
 * ```
 */
export function queryDigest(query: Query): string {
  return hashText(printQuery(query))
}

/** 64 bits of a text, as 16 hexadecimal digits: two multiplicative hashes that are mixed at the end (cyrb53's way). */
export function hashText(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  const first = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  const second = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  return hex(first) + hex(second)
}

function hex(bits: number): string {
  return (bits >>> 0).toString(16).padStart(8, '0')
}
