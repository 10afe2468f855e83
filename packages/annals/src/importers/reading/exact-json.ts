import { escapeSegment } from '../../model/index.ts'

/** A parsed JSON text, and where a number was kept as text because a double could not hold it. */
export interface Exact {
  readonly value: unknown
  /** JSON pointers of the numbers that became strings; empty almost always. */
  readonly textNumbers: readonly string[]
}

// A number token that may be too precise: 16 characters or more, or with an exponent. Also finds some strings, which only
// costs time. Every alternative starts at a place where a token can start, so the search is linear.
const SUSPICIOUS = /(?:^|[[:,\s])-?(?:[\d.]{15}|[\d.]+[eE])/

/** Deepest nesting of a record that is read; an event may have 32. */
const MAX_DEPTH = 256

/**
 * Parses JSON (RFC 8259) without altering a number silently: one that a double cannot hold exactly as written (an integer
 * beyond 2^53, a fraction with too many digits, an overflow) becomes the string of its digits, and its place is listed.
 *
 * @throws SyntaxError when the text is no JSON, or nests deeper than 256
 * @example
 * ```ts
 * parseExact('{"n":9007199254740993}') // { value: { n: '9007199254740993' }, textNumbers: ['/n'] }
 * ```
 */
export function parseExact(text: string): Exact {
  const value: unknown = JSON.parse(text)
  if (isDeeper(value, MAX_DEPTH)) throw new SyntaxError(`nested deeper than ${MAX_DEPTH}`)
  if (!SUSPICIOUS.test(text)) return { value, textNumbers: [] }
  let kept = 0
  const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
  const exact = parse(text, (_key, part, context) => {
    if (typeof part !== 'number' || context?.source === undefined || isSame(context.source, part)) return part
    kept += 1
    return context.source
  })
  if (kept === 0) return { value, textNumbers: [] }
  const textNumbers: string[] = []
  collectDifferences(value, exact, '', textNumbers)
  return { value: exact, textNumbers }
}

// The third argument is of ECMAScript's JSON.parse source text access; Node has it from 21.
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown

/** Whether arrays and objects nest deeper than `limit`; a plain value has depth 0. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (limit === 0) return true
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof part === 'object' && part !== null && isDeeper(part, limit - 1)) return true
  }
  return false
}

function isSame(source: string, value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false
  return decimal(source) === decimal(String(value))
}

/** Digits without leading and trailing zeros, and the exponent of the first: one text for each decimal number. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const negative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = whole + fraction
  const first = digits.search(/[1-9]/)
  // The sign of zero carries no meaning in JSON.
  if (first < 0) return '0'
  return `${negative ? '-' : ''}${digits.slice(first).replace(/0+$/, '')}e${Number(exponent) + whole.length - first}`
}

function collectDifferences(before: unknown, after: unknown, path: string, found: string[]): void {
  if (typeof before === 'number') {
    if (typeof after === 'string') found.push(path)
  } else if (typeof before === 'object' && before !== null && typeof after === 'object' && after !== null) {
    for (const [key, part] of Object.entries(before)) {
      collectDifferences(
        part,
        (after as Readonly<Record<string, unknown>>)[key],
        `${path}/${escapeSegment(key)}`,
        found,
      )
    }
  }
}
