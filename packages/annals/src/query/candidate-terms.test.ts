import { expect, it } from 'vitest'
import { candidateTerms } from './candidate-terms.ts'
import { eventTerms } from './event-terms.ts'
import { eventOf, NOW } from './events.test-support.ts'
import { parseQuery } from './parse.ts'
import { resolveQuery } from './resolve.ts'
import { satisfies, type TermExpr } from './term-expr.ts'

function candidates(query: string): TermExpr {
  return candidateTerms(resolveQuery(parseQuery(query), { now: NOW, me: { type: 'user', id: 'u1' } }))
}

/** As one line: `a & b`, `a | b`, `!a`, `a…` for a prefix. */
function line(expr: TermExpr): string {
  switch (expr.kind) {
    case 'all':
    case 'none':
      return expr.kind
    case 'term':
      return expr.term
    case 'prefix':
      return `${expr.term}…`
    case 'not':
      return `!${line(expr.of)}`
    case 'and':
    case 'or':
      return `(${expr.of.map(line).join(expr.kind === 'and' ? ' & ' : ' | ')})`
  }
}

it.each([
  ['', 'all'],
  ['-*', 'none'],
  ['actor:Alice', 'u:alice'],
  ['actor=Alice', 'u:alice'],
  ['actor:me', 'u:u1'],
  ['actor.id:a', 'u:a'],
  ['-actor:alice', '!u:alice'],
  ['-actor=alice', 'all'],
  ['-actor.id:a', 'all'],
  ['actor:al*', 'u:al…'],
  ['actor:*x', 'all'],
  ['actor:a*x', 'u:a…'],
  ['-actor:a*x', 'all'],
  ['actor:"a b"', 'u:a%20b'],
  ['action:machine.delete', 'x:machine.delete'],
  ['action:machine.*', '(x:machine | a:machine)'],
  ['-action:machine.*', '!(x:machine | a:machine)'],
  ['action:machine.st*', 'x:machine.st…'],
  ['action:machine.*.add', 'x:machine.…'],
  ['-action:machine.*.add', 'all'],
  ['topic:node', '((x:node | a:node) | o:node)'],
  ['-outcome:success', '!r:success'],
  ['outcome:failure,denied tenant:acme', '((r:failure | r:denied) & t:acme)'],
  ['tag.Env=Prod', 'k:env=prod'],
  ['-tag.env:*', '!k:env=…'],
  ['ip:10.0.0.0/8', 'i:00000000000000000000ffff0a…'],
  ['ip:10.0.0.0/7', '(i:00000000000000000000ffff0a… | i:00000000000000000000ffff0b…)'],
  ['operation:x', '(b:x | j:x)'],
  ['web-3', '(w:web… & w:3)'],
  ['"rack 4"', '(w:rack & w:4)'],
  ['-"rack 4"', 'all'],
  ['-rack', '!w:rack…'],
  ['error:Denied', '(z:denied | w:denied…)'],
  ['is:failed', 'y:is-failed'],
  ['-is:archived', '!y:is-archived'],
  ['is:internal', 'v:operator'],
  ['has:tags', 'all'],
  ['to.owner:x', 'y:has-changes'],
  ['index:1..5 took:>5s', 'all'],
  ['during:2026-03-01', 'd:2026-03-01'],
  ['-during:2026-03-01', '!d:2026-03-01'],
  [
    'after:2026-03-01T22:30 before:2026-03-03T01:00',
    '(h:2026-03-01t22 | h:2026-03-01t23 | d:2026-03-02 | h:2026-03-03t00)',
  ],
  ['during:2026', 'all'],
  ['after:2026', 'all'],
  ['after:2026-03-02 before:2026-03-01', 'none'],
  ['actor:a OR took:>1s', 'all'],
  ['actor:a took:>1s', 'u:a'],
])('%s asks for %s', (query, expected) => {
  expect(line(candidates(query))).toBe(expected)
})

it('asks for at most 48 hours and days', () => {
  const count = (query: string): number => {
    const expr = candidates(query)
    return expr.kind === 'or' ? expr.of.length : 0
  }
  expect(count('during:2026-03')).toBe(31)
  expect(count('during:2026-03-01..2026-04-18')).toBe(48)
  expect(count('during:2026-03-01..2026-04-19')).toBe(0)
  expect(count('during:2026-03-01T01:00..2026-04-10T23:00')).toBe(41)
})

it('cuts long values on both sides alike', () => {
  const long = 'x'.repeat(70)
  const event = eventOf({ tenant: `${long}a` })
  expect(eventTerms(event)).toContain(`t:${'x'.repeat(64)}%`)
  for (const query of [
    `tenant:${long}a`,
    `tenant:${long}*`,
    `tenant:${'x'.repeat(64)}*`,
    `-tenant:${long}b`,
  ]) {
    expect(satisfies(candidates(query), eventTerms(event))).toBe(true)
  }
  expect(line(candidates(`-tenant:${long}b`))).toBe('all')
})
