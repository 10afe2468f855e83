import { parseExact } from 'annals/importers'
import { AnnalsError, escapeSegment } from 'annals/model'

/** Deepest nesting of a body; an event may have 32, and an envelope is around it. */
const MAX_DEPTH = 64

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const NINE = 57
const COLON = 58
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
/** Digits that a double always holds, as written. */
const SAFE_DIGITS = 15

/**
 * Parses JSON (RFC 8259) for the record: what JSON.parse would alter without a word is refused with its place. That is a number
 * that a double cannot hold as written, such as a 64-bit integer, and a member whose name is there twice.
 *
 * @throws AnnalsError ANNALS_INVALID, or ANNALS_LIMIT beyond 64 levels
 * @example
 * ```ts
 * parseStrict('{"n":9007199254740993}') // throws ANNALS_INVALID with path '/n'
 * ```
 */
export function parseStrict(text: string): unknown {
  const facts = scan(text)
  if (facts.depth > MAX_DEPTH)
    throw new AnnalsError('ANNALS_LIMIT', `The JSON nests deeper than ${MAX_DEPTH} levels.`, { path: '' })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw notJson(error)
  }
  if (facts.members !== countMembers(value)) refuseRepeated(text)
  if (facts.longNumbers) refuseLong(text)
  return value
}

interface Facts {
  /** Members of objects, counted by their colons. */
  readonly members: number
  readonly depth: number
  /** There is a number that may be too precise. */
  readonly longNumbers: boolean
}

/** One pass over the text; right for what is JSON, harmless for what is not. */
function scan(text: string): Facts {
  const { length } = text
  let members = 0
  let longNumbers = false
  let open = 0
  let depth = 0
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      for (at += 1; at < length; at += 1) {
        const inside = text.charCodeAt(at)
        if (inside === QUOTE) break
        if (inside === BACKSLASH) at += 1
      }
    } else if (unit === COLON) members += 1
    else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      open += 1
      if (open > depth) depth = open
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) open -= 1
    else if (unit === MINUS || (unit >= ZERO && unit <= NINE)) {
      const from = at
      while (at + 1 < length && isOfNumber(text.charCodeAt(at + 1))) at += 1
      if (at - from >= SAFE_DIGITS || hasExponent(text, from, at)) longNumbers = true
    }
  }
  return { members, depth, longNumbers }
}

/** A digit, a sign, a point, or an exponent. */
function isOfNumber(unit: number): boolean {
  return (
    (unit >= ZERO && unit <= NINE) ||
    unit === 46 ||
    unit === 43 ||
    unit === MINUS ||
    unit === 101 ||
    unit === 69
  )
}

function hasExponent(text: string, from: number, to: number): boolean {
  for (let at = from; at <= to; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === 101 || unit === 69) return true
  }
  return false
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') count += countMembers(element)
    return count
  }
  const members = value as Readonly<Record<string, unknown>>
  // Every member is its own: JSON.parse makes plain objects.
  for (const name in members) {
    count += 1
    const member = members[name]
    if (typeof member === 'object') count += countMembers(member)
  }
  return count
}

function refuseLong(text: string): void {
  const [path] = parseExact(text).textNumbers
  if (path === undefined) return
  throw new AnnalsError('ANNALS_INVALID', `${path}: the number has more digits than JSON readers keep`, {
    path,
    hint: 'Send it as a string.',
  })
}

/** Finds the first member that is there twice. The text is known to be JSON. */
function refuseRepeated(text: string): never {
  const path = repeatedIn(text)
  throw new AnnalsError('ANNALS_INVALID', `${path}: the member is there twice`, {
    path,
    hint: 'Readers of JSON disagree about which one counts.',
  })
}

/** One open object or array: the names met so far, and the segment of the path that is being read. */
interface Level {
  readonly names: Set<string> | undefined
  segment: string | number
}

function repeatedIn(text: string): string {
  const levels: Level[] = []
  let expectsName = false
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1)
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const from = at
        for (at += 1; text.charCodeAt(at) !== QUOTE; at += 1) if (text.charCodeAt(at) === BACKSLASH) at += 1
        if (!expectsName || level?.names === undefined) break
        const name = JSON.parse(text.slice(from, at + 1)) as string
        level.segment = name
        if (level.names.has(name))
          return levels.map(({ segment }) => `/${escapeSegment(String(segment))}`).join('')
        level.names.add(name)
        expectsName = false
        break
      }
      case OPEN_OBJECT:
        levels.push({ names: new Set(), segment: '' })
        expectsName = true
        break
      case OPEN_ARRAY:
        levels.push({ names: undefined, segment: 0 })
        expectsName = false
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        levels.pop()
        expectsName = false
        break
      case COMMA:
        expectsName = level?.names !== undefined
        if (level !== undefined && !expectsName) level.segment = Number(level.segment) + 1
    }
  }
  return ''
}

/** Where the text stops being JSON, and not what stands there: a message may be kept. */
function notJson(error: unknown): AnnalsError {
  const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return new AnnalsError(
    'ANNALS_INVALID',
    `This is no JSON${place === undefined ? '' : `, from character ${place} on`}.`,
    {
      path: '',
    },
  )
}
