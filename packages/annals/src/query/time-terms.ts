import type { Candidates } from './term-expr.ts'
import { ANY, candidatesOr } from './term-expr.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Most terms that a time window may become. */
export const MAX_TIME_TERMS = 48

/** The hour and day terms of occurredAt, UTC. None when it is no time. */
export function timeTerms(occurredAt: string): readonly [hour: string, day: string] | undefined {
  // The form of the model, cut; anything else by way of Date.
  const iso = occurredAt.length === 24 && occurredAt.endsWith('Z') ? occurredAt : normal(occurredAt)
  return iso === undefined ? undefined : [`h:${iso.slice(0, -11).toLowerCase()}`, `d:${iso.slice(0, -14)}`]
}

/**
 * The hours and days that cover a half-open range of milliseconds: whole days as days, the edges as hours; only days
 * when that takes too many, and anything when that does too.
 */
export function timeCandidates(from: number, to: number): Candidates {
  if (from >= to) return { expr: { kind: 'none' }, exact: true }
  if (to - from > MAX_TIME_TERMS * DAY) return ANY
  const [start, end] = [floor(from, HOUR), ceil(to, HOUR)]
  const terms = cover(start, end)
  if (terms.length <= MAX_TIME_TERMS) return oneOf(terms, start === from && end === to)
  const [first, last] = [floor(from, DAY), ceil(to, DAY)]
  const days = cover(first, last)
  return days.length <= MAX_TIME_TERMS ? oneOf(days, first === from && last === to) : ANY
}

function cover(start: number, end: number): string[] {
  const terms: string[] = []
  for (let at = start; at < end; ) {
    const wholeDay = at % DAY === 0 && at + DAY <= end
    const iso = new Date(at).toISOString()
    terms.push(wholeDay ? `d:${iso.slice(0, -14)}` : `h:${iso.slice(0, -11).toLowerCase()}`)
    at += wholeDay ? DAY : HOUR
  }
  return terms
}

function oneOf(terms: readonly string[], exact: boolean): Candidates {
  const { expr } = candidatesOr(terms.map(term => ({ expr: { kind: 'term', term }, exact })))
  return { expr, exact }
}

function normal(occurredAt: string): string | undefined {
  const time = Date.parse(occurredAt)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}

function floor(time: number, unit: number): number {
  return Math.floor(time / unit) * unit
}

function ceil(time: number, unit: number): number {
  return Math.ceil(time / unit) * unit
}
