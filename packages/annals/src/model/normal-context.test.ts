import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import type { NormalEvent } from './normal-event.ts'
import { normalizeDraft } from './normalize.ts'

const normal = (draft: object): NormalEvent =>
  normalizeDraft({ action: 'a', ...draft }, { limits: DEFAULT_LIMITS, now: 0 })
const unverified = { type: 'unknown', id: '', unverified: true }

describe('actor', () => {
  it('T8 is unknown when absent', () => {
    expect(normal({}).actor).toEqual({ type: 'unknown', id: '' })
    expect(normal({}).notes).toBeUndefined()
  })

  it.each(['user', 'key', 'token', 'service', 'instance', 'operator', 'system', 'anonymous', 'unknown'])(
    'T9 can be of type %s',
    type => {
      expect(normal({ actor: { type, id: 'x' } }).actor).toEqual({ type, id: 'x' })
    },
  )

  it('T10 keeps both identities of a delegation', () => {
    const actor = { type: 'service', id: 'bot', onBehalfOf: { type: 'user', id: 'u1', name: 'alice' } }
    expect(normal({ actor }).actor).toEqual(actor)
  })

  it('may lack an id only when unknown or anonymous', () => {
    expect(normal({ actor: { type: 'anonymous' } }).actor).toEqual({ type: 'anonymous', id: '' })
    expect(normal({ actor: { type: 'user' } }).actor).toEqual(unverified)
  })

  const cycle: Record<string, unknown> = { type: 'user', id: 'u' }
  cycle['onBehalfOf'] = cycle
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'alice'],
    ['a number as id', { type: 'user', id: 7 }],
    ['a text as credential', { type: 'user', id: 'u', credential: 'key' }],
    ['a credential without id', { type: 'user', id: 'u', credential: { type: 'key' } }],
    ['unverified: false', { type: 'user', id: 'u', unverified: false }],
    ['the log’s own type', { type: 'erased', id: '' }],
    ['a long id', { type: 'user', id: 'x'.repeat(513) }],
    ['a lone surrogate', { type: 'user', id: 'u', name: '\ud800' }],
    ['a cycle', cycle],
    [
      'a throwing accessor',
      {
        type: 'user',
        get id() {
          throw new Error('no')
        },
      },
    ],
  ])('T8 malformed (%s) is stored as unknown and noted', (_, actor) => {
    const event = normal({ actor, targets: [{ type: 't', id: '1' }] })
    expect(event.actor).toEqual(unverified)
    expect(event.notes).toEqual([{ path: '/actor', reason: expect.stringMatching(/^malformed actor: /) }])
    expect(event.targets).toHaveLength(1)
  })

  it('T27 drops a member it does not know, with a note, and is then unverified', () => {
    const event = normal({ actor: { type: 'user', id: 'u', email: 'a@b.c' } })
    expect(event.actor).toEqual({ type: 'user', id: 'u', unverified: true })
    expect(event.notes).toEqual([{ path: '/actor', reason: 'email was dropped: actors have no such field' }])
  })
})

describe('origin', () => {
  it.each<[string, unknown]>([
    ['ip', '10.4.7.9:80'],
    ['ip', 7],
    ['ip', ''],
    ['ip', '999.1.1.1'],
    ['userAgent', { product: 'x' }],
    ['userAgent', '\ud800'],
    ['requestId', 'x'.repeat(513)],
  ])('T13 a bad %s (%j) never fails the write', (name, value) => {
    const event = normal({ origin: { [name]: value, host: 'h' } })
    expect(event.origin).toEqual({ host: 'h' })
    expect(event.notes).toEqual([{ path: `/origin/${name}`, reason: expect.stringMatching(/^dropped: /) }])
  })

  it('T13 cuts a long user agent', () => {
    const event = normal({ origin: { userAgent: 'é'.repeat(400) } })
    expect(event.origin.userAgent).toBe('é'.repeat(256))
    expect(event.notes).toEqual([{ path: '/origin/userAgent', reason: 'cut from 800 bytes' }])
  })

  it('drops what is no object, and fields it does not know', () => {
    expect(normal({ origin: 'web' })).toMatchObject({ origin: {}, notes: [{ path: '/origin' }] })
    expect(normal({ origin: { ip: '::1', port: 80 } })).toMatchObject({
      origin: { ip: '::1' },
      notes: [{ path: '/origin' }],
    })
  })
})
