import fc from 'fast-check'
import { OUTCOME_RESULTS, VISIBILITIES } from '../model/index.ts'
import type { EventContent } from './parts.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }).map(s => s.toWellFormed()),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u0000',
    '\u001f\u007f',
    '\u2028',
    'ÿ',
    '😀',
    'ﬁ',
    '</script>',
    '__proto__',
  ),
)
const iso = fc.integer({ min: 0, max: 4e12 }).map(ms => new Date(ms).toISOString())
// JSON.parse of Node 22 to 26 takes the member `"\\n"` for `"\\\\"` once a like object had the latter: nodejs/node#63785.
const name = text.filter(key => key !== '\\')
/** What JSON can carry, as admission leaves it: no −0, no lone surrogates. */
const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(text, fc.boolean(), fc.constant(null), fc.maxSafeInteger(), finite()),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    whole({ secret: tie('value'), deep: whole({ 'a/b': tie('value') }), open: text }),
  ),
})).value

function finite(): fc.Arbitrary<number> {
  return fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }).map(n => n + 0)
}

const credential = whole({ type: text, id: text })
const actor = fc.letrec<{ actor: EventContent['actor'] }>(tie => ({
  actor: record(
    {
      type: text,
      id: text,
      name: text,
      credential,
      onBehalfOf: tie('actor'),
      unverified: fc.constant(true as const),
    },
    ['type', 'id'],
  ) as fc.Arbitrary<EventContent['actor']>,
})).actor
const target = record({ type: text, id: text, name: text, role: text }, ['type', 'id'])
const origin = record(
  Object.fromEntries(
    [
      ...['ip', 'userAgent', 'requestId', 'correlationId', 'causationId'],
      ...['traceId', 'spanId', 'sessionId', 'host', 'component'],
    ].map(name => [name, text]),
  ),
  [],
)
const change = record(
  {
    path: text,
    op: fc.constantFrom('add', 'remove', 'replace'),
    before: json,
    after: json,
    masked: fc.constant(true),
  },
  ['path', 'op'],
)

/** Any content an event may have, not only what an admission would let pass. */
export const arbitraryEvent: fc.Arbitrary<EventContent> = record(
  {
    version: fc.integer({ min: 1, max: 99 }),
    outcome: record(
      {
        result: fc.constantFrom(...OUTCOME_RESULTS),
        code: text,
        message: text,
        durationMs: finite().map(Math.abs),
      },
      ['result'],
    ),
    occurredAt: iso,
    actor,
    targets: fc.array(target, { maxLength: 3 }),
    tenant: text,
    project: text,
    origin,
    changes: fc.array(change, { maxLength: 3 }),
    topics: fc.array(text, { maxLength: 3 }),
    tags: fc.dictionary(fc.oneof(name, fc.constant('env')), text, { maxKeys: 4, noNullPrototype: true }),
    description: text,
    data: json,
    source: whole({ system: text, id: text }),
    backfill: whole({ by: text, basis: text, enteredAt: iso }),
    truncated: fc.array(whole({ path: text, bytes: fc.nat(), sha256: text }), { maxLength: 2 }),
    notes: fc.array(whole({ path: text, reason: text }), { maxLength: 2 }),
    visibility: fc.constantFrom(...VISIBILITIES),
  },
  ['version', 'outcome', 'occurredAt', 'actor', 'targets', 'origin', 'visibility'],
) as fc.Arbitrary<EventContent>

function record(model: Record<string, fc.Arbitrary<unknown>>, required: string[]): fc.Arbitrary<unknown> {
  return fc.record(model, { requiredKeys: required, noNullPrototype: true })
}

function whole(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return record(model, Object.keys(model))
}
