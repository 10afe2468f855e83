import { endsBare, isSpace } from './lexical.ts'
import { refuse } from './refuse.ts'

/** Longest query, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 2000
/** Deepest nesting of parentheses. */
export const MAX_QUERY_DEPTH = 10
/** Most terms; each value of a filter is one. */
export const MAX_QUERY_TERMS = 64

/** A text being read, from left to right and once. */
export interface Scan {
  readonly text: string
  at: number
  depth: number
  terms: number
}

/** Starts reading. */
export function scanOf(text: string): Scan {
  return { text, at: 0, depth: 0, terms: 0 }
}

/** The next character, or '' at the end. */
export function peek(scan: Scan): string {
  return scan.text.charAt(scan.at)
}

/** Passes over white space; says whether more follows. */
export function skipSpace(scan: Scan): boolean {
  while (scan.at < scan.text.length && isSpace(peek(scan))) scan.at++
  return scan.at < scan.text.length
}

/** The bare run that begins here, without passing over it; '' when none does. */
export function bareAhead(scan: Scan): string {
  let end = scan.at
  while (end < scan.text.length && !endsBare(scan.text.charAt(end))) end++
  return scan.text.slice(scan.at, end)
}

/** Passes over a text in quotes, and returns what it means. */
export function readQuoted(scan: Scan): string {
  const from = scan.at++
  let out = ''
  for (let char = peek(scan); char !== '"'; char = peek(scan)) {
    if (char === '') return refuse('a quote is not closed', [from, scan.text.length], 'add a closing "')
    const next = scan.text.charAt(scan.at + 1)
    const isEscape = char === '\\' && (next === '"' || next === '\\')
    out += isEscape ? next : char
    scan.at += isEscape ? 2 : 1
  }
  scan.at++
  return out
}

/** Counts a term, and refuses one too many. */
export function countTerm(scan: Scan, from: number): void {
  if (++scan.terms <= MAX_QUERY_TERMS) return
  refuse(`a query has at most ${MAX_QUERY_TERMS} terms`, [from, scan.at], 'split it into several queries')
}
