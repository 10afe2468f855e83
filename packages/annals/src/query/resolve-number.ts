import type { Operator, Value } from './ast.ts'
import { DURATION_HINT, parseDuration } from './duration.ts'
import type { NumberField, TimeField } from './field.ts'
import { rangeText } from './filter.ts'
import { refuse, shown } from './refuse.ts'
import type { Test } from './resolved.ts'
import {
  parseInstant,
  parseMoment,
  parseRange,
  rangeBetween,
  type TimeContext,
  type TimeRange,
} from './time.ts'

const NONE = Number.NEGATIVE_INFINITY
const END = Number.POSITIVE_INFINITY

/** The test of one value of a position or duration. */
export function resolveNumber(field: NumberField, op: Operator, value: Value): Test {
  if (value.kind === 'any') return { how: 'present' }
  const read = field.kind === 'position' ? readPosition : readDuration
  if (value.kind === 'range') {
    const from = value.from === undefined ? NONE : read(value.from)
    const to = value.to === undefined ? END : read(value.to)
    if (from > to)
      refuse(`the range ${shown(rangeText(value))} ends before it begins`, undefined, 'swap its ends')
    return { how: 'range', from, to }
  }
  const wanted = read(value.text)
  return { how: 'compare', op: op === ':' ? '=' : op, value: wanted }
}

/** The test of one value of a time. A time names a range; the order operators compare with all of it. */
export function resolveTime(field: TimeField, op: Operator, value: Value, context: TimeContext): Test {
  if (value.kind === 'any') return { how: 'range', from: NONE, to: END }
  if (value.kind === 'range') return range(rangeBetween(value.from ?? '', value.to ?? '', context))
  const text = value.text
  if (field.mode === 'after') return range([parseInstant(text, context), END])
  if (field.mode === 'before') return range([NONE, parseInstant(text, context)])
  const [from, to] = parseMoment(text, context)
  switch (op) {
    case '>':
      return range([to, END])
    case '>=':
      return range([from, END])
    case '<':
      return range([NONE, from])
    case '<=':
      return range([NONE, to])
    case ':':
    case '=':
      return range(field.mode === 'at' ? [from, to] : parseRange(text, context))
  }
}

function range([from, to]: TimeRange): Test {
  return { how: 'range', from, to }
}

function readPosition(text: string): number {
  const position = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(position)) return position
  return refuse(`${shown(text)} is no position`, undefined, 'write a whole number from 0, or 1000..2000')
}

function readDuration(text: string): number {
  return parseDuration(text) ?? refuse(`${shown(text)} is no duration`, undefined, DURATION_HINT)
}
