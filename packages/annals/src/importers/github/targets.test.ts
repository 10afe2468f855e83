import { describe, expect, it } from 'vitest'
import type { Fields } from '../fields.ts'
import { targetsOf } from './targets.ts'

const named = (record: Fields, action: string): readonly string[] =>
  targetsOf(record, action).all.map(({ type, id, name, role }) =>
    [type, id, name, role].filter(text => text !== undefined).join(' '),
  )
const used = (record: Fields, action: string): readonly string[] => [...targetsOf(record, action).used].sort()

describe('targetsOf', () => {
  const record = { org: 'o', user: 'u', repo: 'o/r', team: 'o/t', business: 'b' }

  it.each([
    ['team.add_repository', ['team o/t', 'repo o/r', 'user u', 'org o', 'business b']],
    ['org.add_member', ['org o', 'team o/t', 'repo o/r', 'user u', 'business b']],
    ['organization_moderators.add_user', ['org o', 'team o/t', 'repo o/r', 'user u', 'business b']],
    ['user.login', ['user u', 'team o/t', 'repo o/r', 'org o', 'business b']],
    ['git.clone', ['repo o/r', 'team o/t', 'user u', 'org o', 'business b']],
    ['business.add_admin', ['business b', 'team o/t', 'repo o/r', 'user u', 'org o']],
    ['hook.create', ['team o/t', 'repo o/r', 'user u', 'org o', 'business b']],
    ['invite_member', ['team o/t', 'repo o/r', 'user u', 'org o', 'business b']],
  ])('%s is about %s', (action, targets) => {
    expect(named(record, action)).toEqual(targets)
    expect(used(record, action)).toEqual(Object.keys(record).sort())
  })

  it('knows things by number, with their names', () => {
    const numbered = { org: 'o', org_id: 1, user: 'u', user_id: '2', repo_id: 3, blocked_user: 'x' }
    expect(named(numbered, 'a.b')).toEqual(['repo 3', 'user 2 u', 'user x blocked', 'org 1 o'])
    expect(used(numbered, 'a.b')).toEqual(Object.keys(numbered).sort())
    expect(used({ user: '', user_id: '0', org: null }, 'a.b')).toEqual([])
  })

  it('takes a repository that is named twice once; a second one stays in data', () => {
    expect(named({ repo: 'o/r', repository: 'o/r' }, 'git.push')).toEqual(['repo o/r'])
    expect(used({ repo: 'o/r', repository: 'o/r' }, 'git.push')).toEqual(['repo', 'repository'])
    expect(named({ repo: 'o/r', repository: 'o/s' }, 'git.push')).toEqual(['repo o/r'])
    expect(used({ repo: 'o/r', repository: 'o/s' }, 'git.push')).toEqual(['repo'])
  })

  it('pairs names and numbers of several, and leaves the lists in data', () => {
    const several = { org: ['a', 'b', ''], org_id: [1, 2] }
    expect(named(several, 'a.b')).toEqual(['org 1 a', 'org 2 b'])
    expect(used(several, 'a.b')).toEqual([])
  })

  it('takes `name` where it is the name of something', () => {
    expect(named({ name: 'CI', workflow_id: 1 }, 'workflows.created_workflow_run')).toEqual(['workflow 1 CI'])
    expect(named({ name: 'Datadog CI' }, 'integration_installation.create')).toEqual([
      'integration Datadog CI',
    ])
    expect(named({ name: 'main' }, 'protected_branch.create')).toEqual([])
  })

  it('looks into data, which stays as it is', () => {
    const nested = { data: { hook_id: 9, team: 'o/t' }, org: 'o' }
    expect(named(nested, 'hook.create')).toEqual(['hook 9', 'team o/t', 'org o'])
    expect(used(nested, 'hook.create')).toEqual(['org'])
  })
})
