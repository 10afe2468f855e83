import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, type Draft, type Json, type NormalEvent, normalizeDraft } from '../../model/index.ts'
import { createPolicy } from '../policy.ts'
import type { MaskDefinition } from './definition.ts'
import { Masker } from './masker.ts'
import { SECRET_NAMES } from './names.ts'
import { hashValue, isHash } from './value-hash.ts'

const NOW = Date.UTC(2026, 4, 17)
const KEY = createSecretKey(Buffer.alloc(32, 7))
const CANARY = 'c4nary'

function masker(mask: MaskDefinition = {}): Masker {
  return new Masker(createPolicy({ mask }).mask, KEY)
}

function eventOf(draft: Partial<Draft>): NormalEvent {
  return normalizeDraft({ action: 'user.login', ...draft }, { limits: DEFAULT_LIMITS, now: NOW })
}

function masked(draft: Partial<Draft>, mask?: MaskDefinition): NormalEvent {
  return masker(mask).mask(eventOf(draft), NOW)
}

/** The data of an event whose data was masked. */
function dataOf(data: unknown, mask?: MaskDefinition): unknown {
  return masked({ data }, mask).data
}

describe('properties', () => {
  const secretName = fc
    .constantFrom(...SECRET_NAMES)
    .chain(name => fc.constantFrom(name, name.toUpperCase(), `x-${name}`, `my_${name}`, `${name}[]`))
  const plainName = fc.constantFrom('a', 'user', 'list', 'items', '__proto__', 'b-c')
  const secret = fc.nat().map(n => `${CANARY}${n}`)
  const quiet = fc.oneof(fc.constantFrom<Json>('x', 1, true, null), fc.lorem())
  const planted: fc.Arbitrary<Json> = fc.letrec<{ value: Json; hidden: Json }>(tie => ({
    hidden: fc.oneof(
      secret,
      fc.array(secret, { maxLength: 2 }),
      fc.dictionary(plainName, tie('hidden'), { maxKeys: 2 }),
    ),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      quiet,
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .tuple(
          fc.dictionary(plainName, tie('value'), { maxKeys: 3 }),
          fc.dictionary(secretName, tie('hidden'), { maxKeys: 2 }),
        )
        .map(([plain, hidden]) => Object.assign(Object.create(null), plain, hidden) as Json),
      fc.tuple(secretName, secret).map(([name, value]): Json => ({ name, value })),
      fc.tuple(secretName, secret).map(([name, value]): Json => [[name, value]]),
      fc.tuple(secretName, secret).map(([name, value]): Json => ({ rawHeaders: ['Host', 'x', name, value] })),
      tie('value').map(value => JSON.stringify(value)),
      fc
        .tuple(secretName, secret)
        .map(([name, value]) => `/path?a=1&${encodeURIComponent(name)}=${value}&b=2`),
    ),
  })).value

  test('no secret stays, however deep; what was given is not changed; twice is once', () => {
    fc.assert(
      fc.property(
        planted,
        fc.constantFrom<MaskDefinition>({}, { secrets: 'hash' }, { secrets: { truncate: 3 } }),
        (data, mask) => {
          const event = eventOf({ data, changes: [{ path: '/x', op: 'replace', before: data, after: data }] })
          const before = JSON.stringify(event)
          const own = masker(mask)
          const once = own.mask(event, NOW)
          expect(JSON.stringify(once)).not.toContain(CANARY)
          expect(JSON.stringify(event)).toBe(before)
          expect(own.mask(once, NOW)).toEqual(once)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('any text at all is masked without failing, and twice is once', () => {
    const pieces = fc.constantFrom(
      'password',
      'token',
      '=',
      ':',
      '"',
      '\\',
      ' ',
      '&',
      '?',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '--',
      'x',
      'Bearer ',
      'https://u:p@h',
    )
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 20 }).map(list => list.join('')),
        text => {
          const once = masked({ data: text })
          expect(masker().mask(once, NOW).data).toEqual(once.data)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('an event without secrets is given back as it is', () => {
    const event = eventOf({
      data: { size: 3, url: '/v1/machine?limit=5', at: '2026-05-17T00:00:00Z' },
      tags: { env: 'prod' },
    })
    expect(masker().mask(event, NOW)).toBe(event)
  })
})

describe('names', () => {
  test.each([
    'password',
    'newPassword',
    'db_password',
    'PASSWORD2',
    'X-Api-Key',
    'apiKey',
    'set-cookie',
    'clientSecret',
    'pin',
    'userPin',
    'PIN',
    'creditCardNumber',
    'ｐａｓｓｗｏｒｄ',
  ])('%s is a secret', name => expect(dataOf({ [name]: CANARY, size: 1 })).toEqual({ size: 1 }))
  test.each(['shipping', 'compass', 'passenger', 'sidebar', 'spinning', 'name', 'id'])('%s is none', name => {
    expect(dataOf({ [name]: 'x' })).toEqual({ [name]: 'x' })
  })
  test('more names, other actions, and names that are kept', () => {
    const mask: MaskDefinition = {
      names: { email: 'hash', tokenCount: 'keep', note: { truncate: 3 }, size: 'drop' },
    }
    expect(dataOf({ email: 'a@b.c', tokenCount: 5, token: 'x', note: 'longer', size: 3 }, mask)).toEqual({
      email: hashValue(KEY, 'a@b.c'),
      tokenCount: 5,
      note: 'lon',
    })
  })
  test('that there is a secret may be told, and a whole object of secrets goes', () => {
    expect(dataOf({ token: true, session: null, credentials: { user: 'x' } })).toEqual({
      token: true,
      session: null,
    })
  })
})

describe('pointers', () => {
  const mask: MaskDefinition = {
    classes: { personal: 'hash', free: { truncate: 4 } },
    events: [
      {
        action: 'user.**',
        pointers: {
          '/data/email': 'personal',
          '/data/users/*/phone': 'drop',
          '/data/list/1': 'drop',
          '/data/comment': 'free',
          '/data/token': 'keep',
          '/changes/~1owner': 'personal',
          '/origin/ip': 'personal',
          '/actor/name': 'drop',
          '/outcome/message': 'drop',
        },
      },
    ],
  }
  const draft: Partial<Draft> = {
    actor: { type: 'user', id: 'u1', name: 'Alice' },
    outcome: { result: 'failure', message: 'no' },
    origin: { ip: '10.0.0.1' },
    data: {
      email: 'a@b.c',
      users: [{ phone: '1', x: 1 }],
      list: ['a', 'b', 'c'],
      comment: 'a long one',
      token: 'public',
    },
    changes: [{ path: '/owner', op: 'replace', before: 'a', after: 'b' }],
  }

  test('per event type, by class or action', () => {
    const event = masked(draft, mask)
    expect(event.data).toEqual({
      email: hashValue(KEY, 'a@b.c'),
      users: [{ x: 1 }],
      list: ['a', null, 'c'],
      comment: 'a lo',
      token: 'public',
    })
    expect(event.changes).toEqual([
      { path: '/owner', op: 'replace', before: hashValue(KEY, 'a'), after: hashValue(KEY, 'b') },
    ])
    expect(event.origin.ip).toBe(hashValue(KEY, '10.0.0.1'))
    expect(event.actor).toEqual({ type: 'user', id: 'u1' })
    expect(event.outcome).toEqual({ result: 'failure' })
    expect(event.notes).toContainEqual({ path: '/data/comment', reason: 'masked: cut to 4 bytes' })
    expect(event.notes).toContainEqual({ path: '/data/users/0/phone', reason: 'masked: left out' })
    expect(event.notes).toContainEqual({ path: '/data/email', reason: 'masked: keyed hash' })
    expect(event.truncated).toBeUndefined()
  })

  test('other event types keep theirs', () => {
    const event = masker(mask).mask(eventOf({ ...draft, action: 'machine.delete' }), NOW)
    expect(event.data).toEqual({ ...(draft.data as object), token: undefined })
    expect(event.origin.ip).toBe('10.0.0.1')
  })
})

test('that a secret was changed is told, not from what to what', () => {
  const { changes } = masked({
    changes: [
      { path: '/settings/password', op: 'replace', before: CANARY, after: `${CANARY}2` },
      { path: '/token', op: 'add', after: CANARY },
      { path: '/size', op: 'replace', before: 1, after: 2 },
      { path: '/user', op: 'replace', before: { name: 'a', pin: 1 }, after: { name: 'b', pin: 2 } },
    ],
  })
  expect(changes).toEqual([
    { path: '/settings/password', op: 'replace', masked: true },
    { path: '/token', op: 'add', masked: true },
    { path: '/size', op: 'replace', before: 1, after: 2 },
    { path: '/user', op: 'replace', before: { name: 'a' }, after: { name: 'b' } },
  ])
})

test('many masked places make a bounded number of notes', () => {
  const { notes } = masked({ data: Array.from({ length: 1_000 }, () => ({ password: 'x' })) })
  expect(notes).toHaveLength(65)
  expect(notes?.at(-1)).toEqual({ path: '', reason: 'masked: 936 more places' })
})

describe('hashes', () => {
  test('equal values have equal ones, also numbers and elements; a session is told apart by its hash', () => {
    const event = masked(
      { data: { email: ['a', 'b', 1], more: { email: 'a' } }, origin: { sessionId: 's1' } },
      { names: { email: 'hash' } },
    )
    expect(event.data).toEqual({
      email: ['a', 'b', '1'].map(value => hashValue(KEY, value)),
      more: { email: hashValue(KEY, 'a') },
    })
    expect(event.origin.sessionId).toBe(hashValue(KEY, 's1'))
  })

  test('with a period they differ from one to the next, and only then', () => {
    const own = masker({ names: { email: 'hash' }, hashPeriod: 'month' })
    const at = (now: number): unknown => own.mask(eventOf({ data: { email: 'a' } }), now).data
    expect(at(NOW)).toEqual({ email: hashValue(KEY, 'a', '2026-05') })
    expect(at(Date.UTC(2026, 4, 31))).toEqual(at(NOW))
    expect(at(Date.UTC(2026, 5, 1))).toEqual({ email: hashValue(KEY, 'a', '2026-06') })
    expect(hashValue(KEY, 'a', '2026-06')).not.toBe(hashValue(KEY, 'a', '2026-05'))
  })

  test('the form of a hash is that of no other text, and another key gives another hash', () => {
    expect(hashValue(KEY, 'a')).toMatch(/^hmac:[\w-]{22}$/)
    expect(isHash(hashValue(KEY, 'a', '2026-05'))).toBe(true)
    expect(isHash('hmac:short')).toBe(false)
    expect(hashValue(createSecretKey(Buffer.alloc(32, 8)), 'a')).not.toBe(hashValue(KEY, 'a'))
  })
})
