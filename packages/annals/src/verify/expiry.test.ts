import { expect, test } from 'vitest'
import { type ChunkFacts, Expiry } from './expiry.ts'
import { Findings } from './findings.ts'
import type { Expiration } from './own-entry.ts'
import { readOwnEntry } from './own-entry.ts'
import { RetentionRules } from './retention-rules.ts'

const DAY = 86_400
const chunk: ChunkFacts = {
  lo: 10,
  hi: 20,
  sealedAt: 21,
  last: 1_000,
  classes: new Map([['standard', 10]]),
  dropped: 0,
}

/** What is found when entries 12 and 15 of the class standard were thinned. */
function found(
  authority: Partial<Expiration>,
  said: readonly (readonly [action: string, data: object])[] = [],
  facts: Partial<ChunkFacts> = {},
  signed = 100,
): string[] {
  const expiry = new Expiry()
  for (const index of facts.dropped ? [] : [12, 15]) expiry.thinned(10, 'standard', index)
  expiry.authorise({
    kind: 'expiration',
    index: 30,
    time: 1_000 + 180 * DAY * 1_000,
    chunk: 10,
    retention: 'standard',
    rule: 180 * DAY,
    tenant: undefined,
    ranges: undefined,
    entries: 2,
    held: 0,
    ...authority,
  })
  const rules = new RetentionRules()
  for (const [i, [action, data]] of said.entries()) {
    const rule = readOwnEntry(action, JSON.stringify({ data }), i, 0)
    if (rule?.kind === 'policy' || rule?.kind === 'catalog') rules.state(rule)
  }
  const findings = new Findings()
  expiry.check(findings, [{ ...chunk, ...facts }], rules, signed)
  return findings.list.map(({ code, index }) => (index === undefined ? code : `${code}@${index}`))
}

test('authority: its chunk, its class, its positions, its place and its signature', () => {
  expect(found({})).toEqual(['W_EXPIRED'])
  expect(found({ chunk: 0 })).toEqual(['E_PRUNED_UNAUTHORISED@12'])
  expect(found({ retention: 'personal' })).toEqual(['E_PRUNED_UNAUTHORISED@12', 'W_ERASURE_PENDING'])
  expect(found({ entries: 3 })).toEqual(['W_EXPIRED', 'W_ERASURE_PENDING'])
  expect(found({ ranges: [[12, 13]], entries: 1 })).toEqual(['E_PRUNED_UNAUTHORISED@15', 'W_EXPIRED'])
  expect(found({ index: 19 })).toEqual(['E_PRUNED_UNAUTHORISED@12'])
  expect(found({}, [], {}, 30)).toEqual(['E_PRUNED_UNAUTHORISED@12'])
  expect(found({}, [], { sealedAt: undefined })).toEqual(['E_PRUNED_UNAUTHORISED@12'])
})

test('time: the policy of that moment, and not a second before', () => {
  expect(found({ time: 999 + 180 * DAY * 1_000 })).toEqual(['E_RETENTION_EARLY@12'])
  expect(found({ rule: 180 * DAY - 1 })).toEqual(['E_RETENTION_EARLY@12'])
  expect(found({ rule: { last: 5 } })).toEqual(['E_RETENTION_EARLY@12'])
  const shorter = ['log.policy', { retention: { classes: { standard: 5 * DAY } } }] as const
  const early = { rule: 5 * DAY, time: 1_000 + 5 * DAY * 1_000 }
  expect(found(early)).toEqual(['E_RETENTION_EARLY@12'])
  expect(found(early, [shorter])).toEqual(['W_EXPIRED'])
  // The catalog speaks where the policy says nothing of the class; the newest policy replaces the one before.
  expect(found(early, [['log.catalog', { retention: { standard: 5 } }]])).toEqual(['W_EXPIRED'])
  expect(found(early, [shorter, ['log.policy', { retention: { classes: {} } }]])).toEqual([
    'E_RETENTION_EARLY@12',
  ])
  expect(found({}, [['log.policy', { retention: { classes: { standard: 'forever' } } }]])).toEqual([
    'E_RETENTION_EARLY@12',
  ])
  expect(found({}, [['log.policy', { retention: { classes: { standard: 'often' } } }]])).toEqual([
    'E_RETENTION_EARLY@12',
  ])
  const newest = ['log.policy', { retention: { classes: { standard: { last: 5 } } } }] as const
  expect(found({ rule: { last: 5 }, time: 0 }, [newest])).toEqual(['W_EXPIRED'])
  expect(found({ rule: { last: 4 }, time: 0 }, [newest])).toEqual(['E_RETENTION_EARLY@12'])
  // A policy that comes after the authority says nothing to it.
  expect(
    found(
      { index: 30 },
      Array.from({ length: 32 }, (_, n) => (n < 31 ? shorter : newest)),
    ),
  ).toEqual(['W_EXPIRED'])
})

test('a tenant has a rule of its own, never below the floor', () => {
  const policy = (floor: number) =>
    ['log.policy', { retention: { classes: {}, tenants: { acme: { standard: 5 * DAY } }, floor } }] as const
  const early = { rule: 5 * DAY, time: 1_000 + 5 * DAY * 1_000, tenant: 'acme', ranges: [[10, 20]] as const }
  expect(found(early, [policy(0)])).toEqual(['W_EXPIRED'])
  expect(found(early, [policy(6 * DAY)])).toEqual(['E_RETENTION_EARLY@12'])
  expect(found({ ...early, tenant: 'other' }, [policy(0)])).toEqual(['E_RETENTION_EARLY@12'])
  const data = { chunk: 10, class: 'standard', seconds: 5, entries: 2, held: 0, tenant: 'acme' }
  expect(readOwnEntry('log.retention', JSON.stringify({ data }), 30, 0)).toBeUndefined()
})

test('a dropped chunk: every class of it', () => {
  const dropped = { dropped: 10 }
  expect(found({ entries: 10 }, [], dropped)).toEqual(['W_EXPIRED'])
  expect(
    found({}, [], {
      ...dropped,
      classes: new Map([
        ['standard', 9],
        ['ledger', 1],
      ]),
    }),
  ).toEqual(['E_PRUNED_UNAUTHORISED@10'])
  expect(found({ ranges: [[10, 14]], entries: 4 }, [], dropped)).toEqual(['E_PRUNED_UNAUTHORISED@10'])
  expect(found({ time: 0 }, [], dropped)).toEqual(['E_RETENTION_EARLY@10'])
})
