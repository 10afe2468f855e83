import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AuditEvent, isLogAction } from '../model/index.ts'
import { arbitraryQuery, arbitraryResolvable } from './arbitraries.test-support.ts'
import { and, not, or, type Query } from './ast.ts'
import { resolvedBounds } from './bounds.ts'
import { candidateTerms } from './candidate-terms.ts'
import { combineQueries } from './combine.ts'
import { eventTerms } from './event-terms.ts'
import { arbitraryEvent, NOW } from './events.test-support.ts'
import { headerOnly } from './header-only.ts'
import { matcher } from './matcher.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'
import { resolveQuery } from './resolve.ts'
import type { Resolved } from './resolved.ts'
import { satisfies } from './term-expr.ts'
import { queryWarnings } from './warnings.ts'

const CONTEXT = { now: NOW, timeZone: 'Europe/Berlin', me: { type: 'user', id: 'alice' } }
const events = fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 })

function resolved(query: Query): Resolved {
  return resolveQuery(query, CONTEXT)
}

function matches(query: Query): (event: AuditEvent) => boolean {
  return matcher(resolved(query), { includeLog: true })
}

describe('the evaluator obeys logic', () => {
  it('AND, OR and NOT', () => {
    fc.assert(
      fc.property(arbitraryResolvable, arbitraryResolvable, events, (a, b, list) => {
        for (const event of list) {
          const [inA, inB] = [matches(a)(event), matches(b)(event)]
          expect(matches(and([a, b]))(event)).toBe(inA && inB)
          expect(matches(combineQueries(a, b))(event)).toBe(inA && inB)
          expect(matches(or([a, b]))(event)).toBe(inA || inB)
          expect(matches(not(a))(event)).toBe(!inA)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('means the same once printed and read', () => {
    fc.assert(
      fc.property(arbitraryResolvable, query => {
        expect(resolved(parseQuery(printQuery(query)))).toEqual(resolved(query))
      }),
      { numRuns: 500 },
    )
  })

  it('hides the log’s own events unless they are selected', () => {
    fc.assert(
      fc.property(arbitraryResolvable, arbitraryEvent, (query, event) => {
        const shown = matcher(resolved(query))(event)
        if (!isLogAction(event.action)) expect(shown).toBe(matches(query)(event))
        else if (shown) expect(matches(query)(event)).toBe(true)
      }),
    )
  })
})

describe('index terms', () => {
  it('find every match', () => {
    fc.assert(
      fc.property(arbitraryResolvable, events, (query, list) => {
        const expr = candidateTerms(resolved(query))
        for (const event of list) {
          if (matches(query)(event)) expect(satisfies(expr, eventTerms(event))).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('find every match of sentences, given the words of the catalog', () => {
    const sentence = (event: AuditEvent): string =>
      `${event.actor.name ?? event.actor.id} removed ${event.action} for ever`
    const wordActions = (word: string): string[] =>
      ['removed', 'for', 'ever'].some(known => known.startsWith(word))
        ? ['machine.delete', 'machines', 'log.gap']
        : []
    const worded: Query[] = ['remov', 'for ever', 'removed machine', 'alice removed'].map(words =>
      parseQuery(`"${words}"`),
    )
    fc.assert(
      fc.property(fc.constantFrom(...worded), arbitraryResolvable, events, (words, query, list) => {
        const both = resolved(combineQueries(words, query))
        const expr = candidateTerms(both, { wordActions })
        const match = matcher(both, { sentence, includeLog: true })
        const known = list.filter(event => ['machine.delete', 'machines', 'log.gap'].includes(event.action))
        for (const event of known) if (match(event)) expect(satisfies(expr, eventTerms(event))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('are printable ASCII, lower-case and each there once', () => {
    fc.assert(
      fc.property(arbitraryEvent, event => {
        const terms = eventTerms(event)
        expect(new Set(terms).size).toBe(terms.length)
        expect(terms).toContain('*')
        for (const term of terms) expect(term).toMatch(/^[!#-&(-@[-~]+$/)
      }),
    )
  })
})

it('bounds hold every match', () => {
  fc.assert(
    fc.property(arbitraryResolvable, events, (query, list) => {
      const { index, recorded, occurred, ids } = resolvedBounds(resolved(query))
      for (const event of list.filter(matches(query))) {
        expect(event.index >= index[0] && event.index < index[1]).toBe(true)
        const [recordedAt, occurredAt] = [Date.parse(event.recordedAt), Date.parse(event.occurredAt)]
        expect(recordedAt >= recorded[0] && recordedAt < recorded[1]).toBe(true)
        expect(occurredAt >= occurred[0] && occurredAt < occurred[1]).toBe(true)
        if (ids) expect(ids).toContain(event.id)
      }
    }),
    { numRuns: 3000 },
  )
})

it('a header-only query is decided by the header', () => {
  fc.assert(
    fc.property(arbitraryResolvable, arbitraryEvent, arbitraryEvent, (query, event, other) => {
      fc.pre(headerOnly(resolved(query)))
      const { id, index, action, phase, operation, recordedAt, retention } = event
      const outcome = { ...other.outcome, result: event.outcome.result }
      const swapped = { ...other, id, index, action, phase, operation, recordedAt, retention, outcome }
      expect(matches(query)(swapped)).toBe(matches(query)(event))
    }),
    { numRuns: 1000 },
  )
})

it('warnings never throw, and a warned lone value matches nothing', () => {
  fc.assert(fc.property(arbitraryQuery, query => void queryWarnings(query)))
  fc.assert(
    fc.property(arbitraryResolvable, events, (query, list) => {
      if (query.kind !== 'filter' || query.values.length > 1 || queryWarnings(query).length === 0) return
      expect(list.filter(matches(query))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})
