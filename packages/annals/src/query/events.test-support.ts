import fc from 'fast-check'
import {
  type Actor,
  type AuditEvent,
  type Change,
  OUTCOME_RESULTS,
  PHASES,
  type Target,
  VISIBILITIES,
} from '../model/index.ts'

/** Instant that relative times of arbitrary queries are read against. */
export const NOW: number = Date.UTC(2026, 10, 21, 12, 3, 4)

/** An event with every required field, and what a test sets. */
export function eventOf(fields: Partial<AuditEvent> = {}): AuditEvent {
  const id = fields.id ?? '0192f0c1-7c1e-7a52-9d0c-3b1f0e8a4d11'
  return {
    id,
    index: 0,
    action: 'machine.delete',
    version: 1,
    phase: 'single',
    operation: id,
    outcome: { result: 'success' },
    occurredAt: '2026-11-21T12:02:41.318Z',
    recordedAt: '2026-11-21T12:02:41.400Z',
    actor: { type: 'user', id: 'u1', name: 'alice' },
    targets: [{ type: 'machine', id: '0f3c', name: 'web-3' }],
    origin: {},
    visibility: 'owner',
    retention: 'standard',
    ...fields,
  }
}

export const LONG: string = 'l'.repeat(70)
export const STRINGS: readonly string[] = [
  'alice',
  'Alice',
  'al',
  'bob',
  'web-3',
  'WEB-3',
  'Jörg',
  'ΑΣ',
  'ασβ',
  'a b',
  'x,y',
  '"q"',
  "it's 100%",
  'arn:aws:iam::1/x',
  '',
  LONG,
  `${LONG}x`,
  `${LONG}y z`,
  'ö'.repeat(40),
  '😀x',
  '\ud83d',
  'constructor',
  '__proto__',
  'a=b',
  'b',
  'me',
  'user/alice',
  'rack 4 failed',
  'Permission denied',
]
export const ACTIONS: readonly string[] = [
  'machine',
  'machine.delete',
  'machine.nic.add',
  'machines',
  'Machine.Delete',
  'mac.nic',
  'log.gap',
  'a.bc',
  'a.b',
  'constructor',
  `x.${'y'.repeat(70)}.z`,
]
const TYPES = ['user', 'service', 'machine', 'unknown']
export const IPS: readonly string[] = [
  '10.0.0.1',
  '10.4.7.9',
  '::ffff:10.4.7.9',
  '2001:db8::1',
  'fe80::1%eth0',
  'hmac:7f',
  '255.1.2.3',
]
export const PATHS: readonly string[] = ['/owner', '/spec/owner', '/spec', '/nics/0/ip', '/a~1b', '/a.b', '']
export const KEYS: readonly string[] = ['env', 'Env', 'a=b', 'a', '__proto__', 'constructor', 'my key', LONG]

const word = fc.constantFrom(...STRINGS)
const action = fc.constantFrom(...ACTIONS)
const time = fc
  .integer({ min: Date.UTC(2026, 10, 19), max: Date.UTC(2026, 10, 23) })
  .map(at => new Date(at).toISOString())

const actor: fc.Arbitrary<Actor> = fc.letrec<{ actor: Actor }>(tie => ({
  actor: compact<Actor>({
    type: fc.constantFrom(...TYPES),
    id: word,
    name: maybe(word),
    unverified: maybe(fc.constant(true)),
    onBehalfOf: fc.option(tie('actor'), { nil: undefined, depthSize: 'xsmall', maxDepth: 2 }),
  }),
})).actor

const target: fc.Arbitrary<Target> = compact<Target>({
  type: fc.constantFrom(...TYPES),
  id: word,
  name: maybe(word),
})

const change: fc.Arbitrary<Change> = compact<Change>({
  path: fc.constantFrom(...PATHS),
  op: fc.constantFrom('add', 'remove', 'replace'),
  before: maybe(fc.oneof(word, fc.constant({ owner: 'acme' }), fc.constant(null))),
  after: maybe(fc.oneof(word, fc.constant({ owner: 'umbra', ips: ['b', 7] }), fc.constant(7))),
  masked: maybe(fc.constant(true)),
})

const tags: fc.Arbitrary<Record<string, string>> = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), word), { maxLength: 3 })
  // As parsed JSON, in which __proto__ is a member like any other.
  .map(entries =>
    JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join()}}`),
  )

/** Events whose values collide with those of arbitrary queries. */
export const arbitraryEvent: fc.Arbitrary<AuditEvent> = compact<AuditEvent>({
  id: fc.constantFrom('id-1', 'id-2', 'ID-1'),
  index: fc.nat({ max: 40 }),
  action,
  version: fc.constant(1),
  phase: fc.constantFrom(...PHASES),
  operation: fc.constantFrom('id-1', 'id-2', 'op-1'),
  outcome: compact<AuditEvent['outcome']>({
    result: fc.constantFrom(...OUTCOME_RESULTS),
    code: maybe(word),
    message: maybe(word),
    durationMs: maybe(fc.constantFrom(0, 4.5, 5000, 5000.5, 60_000)),
  }),
  occurredAt: time,
  recordedAt: time,
  actor,
  targets: fc.array(target, { maxLength: 3 }),
  tenant: maybe(word),
  project: maybe(word),
  origin: compact<AuditEvent['origin']>({
    ip: maybe(fc.constantFrom(...IPS)),
    correlationId: maybe(word),
    requestId: maybe(word),
    component: maybe(word),
  }),
  changes: maybe(fc.array(change, { maxLength: 3 })),
  topics: maybe(fc.array(action, { maxLength: 2 })),
  tags: maybe(tags),
  description: maybe(word),
  source: maybe(fc.record({ system: word, id: word })),
  backfill: maybe(fc.constant({ by: 'bob', basis: 'paper', enteredAt: '2026-11-21T00:00:00.000Z' })),
  erased: maybe(fc.constantFrom([], ['who'])),
  visibility: fc.constantFrom(...VISIBILITIES),
  retention: word,
})

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined })
}

/** A record without its undefined members. */
function compact<T>(model: { readonly [K in keyof T]?: fc.Arbitrary<T[K] | undefined> }): fc.Arbitrary<T> {
  return fc
    .record(model as Record<string, fc.Arbitrary<unknown>>)
    .map(value => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T)
}
