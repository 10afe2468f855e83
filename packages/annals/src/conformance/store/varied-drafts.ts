import { IdSequence } from '../../log/uuid.ts'
import type { Draft } from '../../model/index.ts'
import { randomOf } from '../../testing/random.ts'
import { sampleDrafts } from '../../testing/sample-events.ts'

const LONG = 'l'.repeat(70)
const NAMES = [
  'Jörg Groß',
  'ΑΣ',
  'a b',
  'x,y',
  '"q"',
  "it's 100%",
  'arn:aws:iam::1/x',
  LONG,
  `${LONG}y z`,
  '😀x',
  'constructor',
  'me',
  '*',
]
const IPS = ['10.0.0.1', '10.4.7.9', '::ffff:10.4.7.9', '2001:db8::1', '255.1.2.3']
const KEYS = ['env', 'Env', 'a=b', '__proto__', 'constructor', 'my key', LONG]
const RETENTION = ['standard', 'standard', 'ledger', 'brief']
const RESULTS = ['success', 'failure', 'denied', 'unknown'] as const

/**
 * Drafts of every kind that the model knows: the sample history with phases, topics, sources, awkward names, times out of
 * order and whatever else a field of the query language can ask for. The seed decides everything but operation ids.
 */
export function variedDrafts(count: number, seed: number): Draft[] {
  const random = randomOf(seed)
  const ids = new IdSequence()
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)] as T
  const one = (of: number): boolean => random.below(of) === 0
  let operation: string | undefined
  let nth = 0
  const drafts: Draft[] = []
  for (const base of sampleDrafts({ count, seed, start: '2026-11-19T21:00:00.000Z', rate: 0.01 })) {
    nth++
    const name = pick(NAMES)
    const phased = phaseOf(operation, one(6), () => ids.next(1_795_225_000_000 + nth))
    operation = phased.phase === 'attempt' ? phased.operation : undefined
    drafts.push({
      ...base,
      ...(one(8) && {
        actor: { type: 'user', id: pick(NAMES), name, onBehalfOf: { type: 'service', id: name } },
      }),
      ...(one(12) && { actor: { type: 'service', id: 'proxy', unverified: true } }),
      ...(one(20) && { actor: undefined, targets: [], tenant: undefined, tags: undefined, origin: {} }),
      ...(one(6) && {
        targets: [
          { type: 'machine', id: name, name: pick(NAMES) },
          { type: 'user', id: pick(NAMES) },
        ],
      }),
      ...(one(9) && { topics: [pick(['node.connection.forward', 'billing', 'machines', 'a.b.c'])] }),
      ...(one(7) && {
        outcome: {
          result: pick(RESULTS),
          code: pick(['E_BUSY', 'Denied', name]),
          message: `rack 4 ${name}`,
          durationMs: pick([0, 4.5, 5000, 61_000]),
        },
      }),
      ...(one(5) && { tags: { ...base.tags, [pick(KEYS)]: name, env: pick(['prod', 'Prod', 'test']) } }),
      ...(one(5) && {
        origin: { ...base.origin, ip: pick(IPS), component: pick(['api', 'API', name]), correlationId: name },
      }),
      ...(one(9) && {
        changes: [
          { path: '/spec/owner', op: 'replace', before: name, after: 'umbra' },
          { path: '/a~1b', op: 'add', after: { owner: 'acme' } },
        ],
      }),
      ...(one(15) && { description: `moved ${name} to rack 4 by hand` }),
      ...(one(10) && {
        occurredAt: `20${pick(['19', '26', '31'])}-0${pick(['1', '3'])}-11T0${random.below(10)}:59:59.999Z`,
      }),
      ...(one(15) && { backfill: { by: 'bob', basis: 'paper', enteredAt: '2026-11-21T00:00:00.000Z' } }),
      ...(one(15) && { notes: [{ path: '/origin/ip', reason: 'not given' }] }),
      ...(one(6) && { source: { system: pick(['aws.cloudtrail', 'kubernetes']), id: `ev-${seed}-${nth}` } }),
      ...(one(8) && { id: `draft ${seed} ${nth}` }),
      ...(one(3) && { visibility: pick(['public', 'owner', 'operator']) }),
      retention: pick(RETENTION),
      ...phased,
    })
  }
  return drafts
}

/** Every attempt is followed by its outcome. */
function phaseOf(
  open: string | undefined,
  begins: boolean,
  id: () => string,
): Pick<Draft, 'phase' | 'operation' | 'outcome'> {
  if (open !== undefined) return { phase: 'outcome', operation: open }
  return begins ? { phase: 'attempt', operation: id(), outcome: 'pending' } : {}
}
