import { describe, expect, it } from 'vitest'
import { actorOf } from './identity.ts'

describe('actorOf', () => {
  it.each([
    ['nobody', {}, { type: 'unknown', id: '' }],
    ['nobody, in words', { actor: '', actor_id: 0 }, { type: 'unknown', id: '' }],
    ['a login', { actor: 'ada', actor_id: null }, { type: 'user', id: 'ada', name: 'ada' }],
    ['a number', { actor_id: 7 }, { type: 'user', id: '7' }],
    ['both', { actor: 'ada', actor_id: '7' }, { type: 'user', id: '7', name: 'ada' }],
    ['an app by login', { actor: 'ci[bot]' }, { type: 'bot', id: 'ci[bot]', name: 'ci[bot]' }],
    ['an app by flag', { actor: 'ci', actor_is_bot: true }, { type: 'bot', id: 'ci', name: 'ci' }],
    ['an app by a text', { actor: 'ci', actor_is_bot: 'true' }, { type: 'user', id: 'ci', name: 'ci' }],
    [
      'a coding agent',
      { actor: 'copilot', actor_is_agent: true, actor_is_bot: true },
      { type: 'agent', id: 'copilot', name: 'copilot' },
    ],
  ])('%s', (_, record, actor) => {
    expect(actorOf(record).actor).toEqual(actor)
  })

  it('knows a token by its digest, else by its id', () => {
    const record = { actor: 'ada', token_id: 12, programmatic_access_type: 'OAuth access token' }
    expect(actorOf(record)).toEqual({
      actor: { type: 'user', id: 'ada', name: 'ada', credential: { type: 'oauth-access-token', id: '12' } },
      used: ['actor', 'token_id'],
    })
    expect(actorOf({ ...record, hashed_token: 'LCa0a2j=' }).actor.credential?.id).toBe('LCa0a2j=')
    expect(actorOf({ actor: 'ada', hashed_token: 'LCa0a2j=' }).actor.credential?.type).toBe('token')
  })

  it.each(['ghp_16C7e42F29', 'gho_16C7e42F29', 'ghs_16C7e42F29', 'github_pat_11A'])(
    'takes no token for its digest: %s',
    token => {
      const found = actorOf({ actor: 'ada', hashed_token: token, token_id: token })
      expect(found).toEqual({ actor: { type: 'user', id: 'ada', name: 'ada' }, used: ['actor'] })
    },
  )

  it('leaves the number beside a name from elsewhere, so that an erasure of the person finds it', () => {
    expect(actorOf({ actor: 'ada', actor_id: 7 }).used).toEqual(['actor', 'actor_id'])
    const linked = { actor: 'ada', actor_id: 7, external_identity_nameid: 'ada@example.com' }
    expect(actorOf(linked).used).toEqual(['actor'])
    expect(actorOf({ ...linked, external_identity_nameid: '' }).used).toEqual(['actor', 'actor_id'])
  })
})
