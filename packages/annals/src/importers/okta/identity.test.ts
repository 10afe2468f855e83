import { describe, expect, it } from 'vitest'
import { actorLeft, actorOf, nameOf, typeOf } from './identity.ts'

const ADA = { id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada Lovelace' }

describe('identities of Okta', () => {
  it.each([
    ['User', 'user'],
    ['SystemPrincipal', 'system'],
    ['PublicClientApp', 'public-client-app'],
    ['IP address', 'ip-address'],
    ['URL Pattern', 'url-pattern'],
    ['unknown', undefined],
    ['§', undefined],
    ['A'.repeat(513), undefined],
    [5, undefined],
  ])('%j has the type %j', (type, word) => {
    expect(typeOf(type)).toBe(word)
  })

  it('persons have their login as name, other things what is shown', () => {
    expect(nameOf(ADA)).toBe('ada@example.com')
    expect(nameOf({ ...ADA, alternateId: 'unknown' })).toBe('Ada Lovelace')
    expect(nameOf({ ...ADA, type: 'AppInstance' })).toBe('Ada Lovelace')
    expect(nameOf({ type: 'AppInstance', alternateId: 'wiki' })).toBe('wiki')
    expect(nameOf({})).toBeUndefined()
  })

  it('the credential is the id of an API token', () => {
    const transaction = { detail: { requestApiTokenId: '00T9' } }
    expect(actorOf({ actor: ADA, transaction })).toEqual({
      type: 'user',
      id: '00u1',
      name: 'ada@example.com',
      credential: { type: 'api-token', id: '00T9' },
    })
    expect(actorOf({ transaction })).toEqual({ type: 'unknown', id: '' })
    expect(actorOf({ actor: { id: '1', type: '§' } })).toEqual({ type: 'unknown', id: '1' })
  })

  it('an id stays in data only beside something that the actor does not hold', () => {
    const left = (identity: unknown): unknown => actorLeft(identity, actorOf({ actor: identity }))
    expect(left(ADA)).toEqual({ id: '00u1', type: 'User', displayName: 'Ada Lovelace' })
    expect(left({ ...ADA, displayName: 'ada@example.com' })).toEqual({ type: 'User' })
    expect(left({ ...ADA, displayName: null, detailEntry: null })).toEqual({
      type: 'User',
      displayName: null,
      detailEntry: null,
    })
    expect(left({ id: '1' })).toBeUndefined()
    expect(left({ id: 'unknown', alternateId: 'typed' })).toEqual({ id: 'unknown', alternateId: 'typed' })
    expect(left('x')).toBe('x')
  })
})
