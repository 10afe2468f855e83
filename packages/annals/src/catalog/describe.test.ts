import fc from 'fast-check'
import { expect, it, describe as suite } from 'vitest'
import { type AuditEvent, DEFAULT_LIMITS, normalizeDraft } from '../model/index.ts'
import {
  catalog,
  catalogFromManifest,
  defineEvent,
  describe,
  LOG_TYPES,
  type Statement,
  sentenceWords,
} from './index.ts'

const types = catalog(
  defineEvent('machine.delete', { describe: '{actor} deleted machine {target}' }),
  defineEvent('machine.rename', { describe: '{actor} renamed {target} from {from.name} to {to.name}' }),
  defineEvent('machine.resize', {
    version: 2,
    upcast: { 1: data => ({ size: { mb: (data as { s: number }).s } }) },
    describe: '{actor} resized {target} to {data.size.mb} MB',
  }),
  defineEvent('all', {
    describe: '{{{targets}}} {target.1} {tenant} {project} {outcome} {tags.a.b} {data/x.y}',
  }),
  defineEvent('old.one', { retired: true, describe: '{actor} did the old thing' }),
)
const draft = {
  actor: { type: 'user', id: 'u1', name: 'alice' },
  targets: [{ type: 'machine', id: 'm1', name: 'web-3' }],
}
const say = (more: object, known: Parameters<typeof describe>[1] = types): string =>
  describe(normalizeDraft({ ...draft, ...more }, { limits: DEFAULT_LIMITS, now: 0 }), known)

suite('describe', () => {
  it.each<[string, object, string]>([
    ['a template', { action: 'machine.delete' }, 'alice deleted machine web-3'],
    [
      'T10 delegation',
      { action: 'machine.delete', actor: { type: 'service', id: 'deploy-bot', onBehalfOf: draft.actor } },
      'deploy-bot (as alice) deleted machine web-3',
    ],
    ['T8 no actor', { action: 'machine.delete', actor: undefined }, 'someone unknown deleted machine web-3'],
    [
      'an unverified actor',
      { action: 'machine.delete', actor: 7 },
      'someone unknown (unverified) deleted machine web-3',
    ],
    [
      'a failure',
      { action: 'machine.delete', outcome: { result: 'failure', code: 'EBUSY' } },
      'alice deleted machine web-3 · failed: EBUSY',
    ],
    [
      'T22 a backfill',
      {
        action: 'machine.delete',
        backfill: { by: 'op-7', basis: 'ticket 12', enteredAt: '2026-02-03T09:00:00.000Z' },
      },
      'alice deleted machine web-3 · backfilled',
    ],
    ['a denial', { action: 'machine.delete', outcome: 'denied' }, 'alice deleted machine web-3 · denied'],
    ['an attempt', { action: 'machine.delete', phase: 'attempt' }, 'alice deleted machine web-3 · attempted'],
    [
      'an unknown outcome',
      { action: 'machine.delete', phase: 'outcome', operation: 'o' },
      'alice deleted machine web-3 · outcome unknown',
    ],
    [
      'from and to',
      { action: 'machine.rename', changes: [{ path: '/name', op: 'replace', before: 'a', after: 'b' }] },
      'alice renamed web-3 from a to b',
    ],
    [
      'from and to within',
      {
        action: 'machine.rename',
        changes: [{ path: '', op: 'replace', before: { name: 'a' }, after: { name: 'b' } }],
      },
      'alice renamed web-3 from a to b',
    ],
    [
      'T7 an old version',
      { action: 'machine.resize', version: 1, data: { s: 5 } },
      'alice resized web-3 to 5 MB',
    ],
    ['T6 a retired type', { action: 'old.one' }, 'alice did the old thing'],
    ['a description', { action: 'machine.delete', description: 'as told' }, 'as told'],
    ['no template', { action: 'x.y' }, 'alice · x.y · web-3'],
    [
      'one change',
      { action: 'x.y', changes: [{ path: '/spec/name', op: 'replace', before: 'a', after: 'b' }] },
      'alice · x.y · web-3 · spec.name: a → b',
    ],
    [
      'one large change',
      { action: 'x.y', changes: [{ path: '/spec', op: 'add', after: {} }] },
      'alice · x.y · web-3 · added spec',
    ],
    [
      'a masked change',
      { action: 'x.y', changes: [{ path: '/pw', op: 'replace', masked: true }] },
      'alice · x.y · web-3 · changed pw',
    ],
    [
      'more changes',
      { action: 'x.y', changes: Array(4).fill({ path: '/a', op: 'add', after: 1 }) },
      'alice · x.y · web-3 · changed 4 fields',
    ],
    [
      'hidden characters',
      { action: 'machine.delete', actor: { type: 'user', id: 'a\u202eb\u0000\n\u200b' } },
      'a\\u{202e}b\\u{0}\\u{a}\\u{200b} deleted machine web-3',
    ],
    [
      'a long value',
      { action: 'machine.delete', targets: [{ type: 't', id: '😀'.repeat(110) }] },
      `alice deleted machine ${'😀'.repeat(100)}…`,
    ],
    [
      'all placeholders',
      {
        action: 'all',
        tenant: 't',
        tags: { 'a.b': 'v' },
        data: { 'x.y': [1] },
        targets: [1, 2, 3, 4].map(id => ({ type: 'm', id: `m${id}` })),
      },
      '{m1, m2 and 2 more} m2 t (none) succeeded v [1]',
    ],
  ])('%s', (_, more, sentence) => {
    expect(say(more)).toBe(sentence)
  })

  it('T42 says what was erased', () => {
    const event = normalizeDraft({ action: 'machine.delete' }, { limits: DEFAULT_LIMITS, now: 0 })
    expect(describe({ ...event, actor: { type: 'erased', id: '' }, erased: ['who', 'what'] }, types)).toBe(
      '(erased) deleted machine (erased)',
    )
  })

  it('T42 has a sentence for each of the log’s own events, also without a catalog', () => {
    for (const action of LOG_TYPES.keys()) {
      const event = normalizeDraft(
        { action, actor: draft.actor },
        { limits: DEFAULT_LIMITS, now: 0, own: true },
      )
      expect(describe(event)).not.toContain(action)
      expect(describe(event)).toBe(describe(event, types))
    }
  })

  it('says the same from the manifest, without the application', () => {
    const read = catalogFromManifest(JSON.parse(JSON.stringify(types.manifest())))
    expect(say({ action: 'machine.delete' }, read)).toBe('alice deleted machine web-3')
  })

  it('T42 is total', () => {
    const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
    const action = fc.constantFrom(
      'machine.delete',
      'machine.rename',
      'machine.resize',
      'all',
      'old.one',
      'log.seal',
      'other',
      '__proto__',
    )
    const text = fc.string({ unit: 'binary' })
    const actor = fc.record({ type: fc.constantFrom('user', 'erased', 'unknown'), id: text, name: text })
    const event = fc.record({
      action,
      version: fc.integer({ min: 0, max: 4 }),
      phase: fc.constantFrom('single', 'attempt', 'outcome'),
      outcome: fc.record({
        result: fc.constantFrom('success', 'failure', 'denied', 'unknown', 'pending'),
        message: text,
      }),
      actor,
      targets: fc.array(fc.record({ type: text, id: text }), { maxLength: 5 }),
      changes: fc.array(
        fc.record({
          path: fc.constantFrom('', '/name', '/a~1b'),
          op: fc.constantFrom('add', 'remove', 'replace'),
          before: fc.jsonValue(),
          after: fc.jsonValue(),
        }),
        { maxLength: 3 },
      ),
      data: fc.jsonValue(),
      erased: fc.subarray(['who', 'what']),
    })
    fc.assert(
      fc.property(
        fc.oneof(
          event,
          fc.anything(),
          fc.record({ action, actor: fc.anything(), targets: fc.anything(), changes: fc.anything() }),
        ),
        given => {
          const line = describe(given as Statement, types)
          expect(line.length).toBeGreaterThan(0)
          expect(line).not.toMatch(hidden)
        },
      ),
      { numRuns: 3000 },
    )
    const hostile = {
      get action(): string {
        throw new Error('no')
      },
    } as unknown as AuditEvent
    expect(describe(hostile, types)).toBe('an event that cannot be described')
  })
})

suite('sentenceWords', () => {
  it.each<[string, string[]]>([
    ['Deleted', ['machine.delete']],
    ['machine', ['machine.delete']],
    ['actor', []],
    ['', []],
    ['sealed', ['log.seal']],
  ])('%j', (word, actions) => {
    expect(sentenceWords(types, word)).toEqual(actions)
  })
})
