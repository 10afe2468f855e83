import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, normalizeDraft } from '../model/index.ts'
import { createCatalog, defineEvent, type PartPersons, personsOf } from './index.ts'

const types = createCatalog(
  [
    defineEvent('plain'),
    defineEvent('owned', {
      persons: [
        '/data/owner',
        '/data/members',
        { pointer: '/data/admin', type: 'operator' },
        '/changes/~1ownerId',
        '/data/ref',
      ],
      parts: { private: ['/data/members', '/data/ref/id'] },
    }),
    defineEvent('hidden', { internal: ['/targets'] }),
  ],
  { personTypes: ['user', 'customer'] },
)
const user = (id: string): { type: string; id: string } => ({ type: 'user', id })
const of = (draft: object): PartPersons =>
  personsOf(normalizeDraft(draft, { limits: DEFAULT_LIMITS, now: 0 }), types)

describe('personsOf', () => {
  it('allocates nothing when there are none', () => {
    const machine = {
      action: 'plain',
      actor: { type: 'service', id: 's' },
      targets: [{ type: 'machine', id: 'm' }],
    }
    expect(of(machine)).toBe(of({ action: 'unknown.action' }))
    expect(of(machine)).toEqual({})
  })

  it('finds actor, onBehalfOf and targets, each once per part', () => {
    const draft = {
      action: 'plain',
      actor: { type: 'service', id: 's', onBehalfOf: user('u1') },
      targets: [user('u2'), user('u2'), { type: 'customer', id: 'c' }, { type: 'machine', id: 'm' }],
    }
    expect(of(draft)).toEqual({ who: [user('u1')], what: [user('u2'), { type: 'customer', id: 'c' }] })
  })

  it('follows the pointers of the type into their parts', () => {
    const draft = {
      action: 'owned',
      data: { owner: 'u1', members: ['u2', 'u3', 4], admin: 'root', ref: { type: 'customer', id: 'c9' } },
      changes: [{ path: '/ownerId', op: 'replace', before: 'u0', after: 'u1' }],
    }
    expect(of(draft)).toEqual({
      what: [user('u1'), { type: 'operator', id: 'root' }, user('u0'), { type: 'customer', id: 'c9' }],
      private: [user('u2'), user('u3'), user('4'), { type: 'customer', id: 'c9' }],
    })
    expect(
      of({ action: 'owned', changes: [{ path: '', op: 'replace', before: { ownerId: 'x' }, after: {} }] }),
    ).toEqual({ what: [user('x')] })
    expect(of({ action: 'owned', data: { owner: null, members: {} } })).toEqual({})
  })

  it('puts targets into the part that holds them', () => {
    expect(of({ action: 'hidden', targets: [user('u1')] })).toEqual({ internal: [user('u1')] })
  })
})
