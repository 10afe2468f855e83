import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Draft } from '../model/index.ts'
import { importerSuite } from '../testing/importer-suite.ts'
import { github } from './github.ts'
import { hostileSamples, isConverted, oddRecord } from './hostile.test-support.ts'
import { foundBy, importTwice } from './importing.test-support.ts'

const AT = 1_606_929_874_512

function entry(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    '@timestamp': AT,
    _document_id: 'xJJFlFOhQ6b-5vaAFy9Rjw',
    action: 'team.add_member',
    actor: 'octocat',
    actor_id: 583_231,
    actor_ip: '203.0.113.7',
    actor_is_bot: false,
    actor_location: { country_code: 'NL' },
    business: 'octo-corp',
    business_id: 12,
    created_at: AT,
    hashed_token: 'LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=',
    operation_type: 'modify',
    org: 'octo-org',
    org_id: 34,
    programmatic_access_type: 'Personal access token (classic)',
    request_id: 'A1:B2',
    team: 'octo-org/core',
    token_scopes: 'repo',
    user: 'monalisa',
    user_agent: 'GitHub CLI 2.40.1',
    user_id: 56,
    ...more,
  }
}

function bare(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { '@timestamp': AT, _document_id: 'd-1', action: 'repo.create', ...more }
}

const MEMBERS = [
  ...Object.keys(entry()),
  ...['at_sign_timestamp', 'repo', 'repository', 'repo_id', 'data', 'changes', 'event', 'name', 'old_name'],
  ...['active', 'active_was', 'new_active', 'status_code', 'conclusion', 'blocked_user', '__proto___was'],
]

importerSuite({
  runner: { describe, it },
  importer: github,
  hostile: hostileSamples(MEMBERS, entry()),
  samples: [
    {
      title: 'a member of a team',
      record: entry(),
      expect: [
        {
          action: 'github.team.add_member',
          occurredAt: '2020-12-02T17:24:34.512Z',
          outcome: { result: 'success' },
          actor: {
            type: 'user',
            id: '583231',
            name: 'octocat',
            credential: {
              type: 'personal-access-token-classic',
              id: 'LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=',
            },
          },
          targets: [
            { type: 'team', id: 'octo-org/core' },
            { type: 'user', id: '56', name: 'monalisa' },
            { type: 'org', id: '34', name: 'octo-org' },
            { type: 'business', id: '12', name: 'octo-corp' },
          ],
          tenant: 'octo-org',
          origin: { ip: '203.0.113.7', userAgent: 'GitHub CLI 2.40.1', requestId: 'A1:B2' },
          tags: { operationType: 'modify', accessType: 'Personal access token (classic)' },
          data: { actor_is_bot: false, actor_location: { country_code: 'NL' }, token_scopes: 'repo' },
          source: { system: 'github.audit', id: 'xJJFlFOhQ6b-5vaAFy9Rjw' },
        },
      ],
    },
    {
      title: 'a record of which nothing is left',
      record: bare(),
      expect: [
        {
          action: 'github.repo.create',
          actor: { type: 'unknown', id: '' },
          targets: [],
          origin: {},
          source: { system: 'github.audit', id: 'd-1' },
          ...nothing('data', 'notes', 'tags', 'tenant', 'changes'),
        },
      ],
    },
    {
      title: 'what a shipper put around it is passed over',
      record: { time: 1, sourcetype: 'github', event: bare({ event: 'push' }) },
      expect: [
        {
          action: 'github.repo.create',
          data: { event: 'push' },
          source: { system: 'github.audit', id: 'd-1' },
        },
      ],
    },
    {
      title: 'more targets than an event names: those left out stay in data',
      record: bare({ org: Array.from({ length: 70 }, (_, at) => `o${at}`), business: 'corp' }),
      expect: [
        {
          tenant: 'corp',
          data: { org: Array.from({ length: 70 }, (_, at) => `o${at}`), business: 'corp' },
          notes: [{ path: '/targets', reason: '7 more targets of the source record are only in data' }],
        },
      ],
    },
    {
      title: 'a workflow run that failed',
      record: bare({
        action: 'workflows.completed_workflow_run',
        conclusion: 'timed_out',
        name: 'CI',
        workflow_id: 1,
        workflow_run_id: 2,
      }),
      expect: [
        {
          outcome: { result: 'failure', code: 'timed_out' },
          targets: [
            { type: 'workflow-run', id: '2' },
            { type: 'workflow', id: '1', name: 'CI' },
          ],
          data: { conclusion: 'timed_out' },
        },
      ],
    },
    {
      title: 'values before and after, however they are named',
      record: bare({
        visibility: 'public',
        previous_visibility: 'private',
        old_name: 'a',
        name: 'b',
        old_policy: 'x',
        new_policy: 'y',
        events_were: ['push'],
        events: ['push', 'fork'],
        ruleset_old_enforcement: 'evaluate',
        ruleset_enforcement: 'enabled',
      }),
      expect: [
        {
          changes: [
            { path: '/visibility', op: 'replace', before: 'private', after: 'public' },
            { path: '/name', op: 'replace', before: 'a', after: 'b' },
            { path: '/policy', op: 'replace', before: 'x', after: 'y' },
            { path: '/events/1', op: 'add', after: 'fork' },
            { path: '/ruleset_enforcement', op: 'replace', before: 'evaluate', after: 'enabled' },
          ],
          data: {
            visibility: 'public',
            name: 'b',
            new_policy: 'y',
            events: ['push', 'fork'],
            ruleset_enforcement: 'enabled',
          },
        },
      ],
    },
    {
      title: 'a time without zone, and names of tables',
      record: bare({
        '@timestamp': undefined,
        at_sign_timestamp: '2024-04-09 06:17:55.186000000',
        created_at: '2024-03-13 22:36:27.788',
      }),
      expect: [
        {
          occurredAt: '2024-04-09T06:17:55.186Z',
          data: { at_sign_timestamp: '2024-04-09 06:17:55.186000000', created_at: '2024-03-13 22:36:27.788' },
          notes: [{ path: '/occurredAt', reason: 'the source gives no zone; read as UTC' }],
        },
      ],
    },
    {
      title: 'the time of recording stays where it is another',
      record: bare({ created_at: AT + 1 }),
      expect: [{ occurredAt: '2020-12-02T17:24:34.512Z', data: { created_at: AT + 1 } }],
    },
    {
      title: 'an address that is none, an agent that is too long',
      record: bare({ actor_ip: 'redacted', user_agent: 'x'.repeat(513) }),
      expect: [
        {
          origin: {},
          data: { actor_ip: 'redacted', user_agent: 'x'.repeat(513) },
          notes: [
            { path: '/origin/ip', reason: 'the source gives no address; see data' },
            { path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' },
          ],
        },
      ],
    },
    {
      title: 'an action that is no path',
      record: bare({ action: 'Do..it now' }),
      expect: [{ action: 'github.Do.-.it-now', data: { action: 'Do..it now' } }],
    },
    {
      title: 'no action',
      record: { '@timestamp': AT },
      expect: /^\/action: must be a text of 1 to 512 bytes, got nothing$/,
    },
    {
      title: 'an action that is too long',
      record: bare({ action: 'a'.repeat(510) }),
      expect: /^\/action: too long$/,
    },
    {
      title: 'no time',
      record: { action: 'repo.create', _document_id: 'x' },
      expect: /^\/@timestamp: must be milliseconds since 1970 or an ISO 8601 time, got nothing$/,
    },
    {
      title: 'a time in seconds',
      record: bare({ '@timestamp': 1_606_929_874 }),
      expect: /^\/@timestamp: must be milliseconds/,
    },
    {
      title: 'an id that is none',
      record: bare({ _document_id: { a: 1 } }),
      expect: /^\/_document_id: .*got an object$/,
    },
    {
      title: 'paths of what was wrapped',
      record: { event: { action: 'a', created_at: 'redacted' } },
      expect: /^\/event\/created_at: /,
    },
    {
      title: 'a text that UTF-8 cannot carry, without id',
      record: bare({ _document_id: null, user: '\ud800' }),
      expect: /^\/user: lone surrogate$/,
    },
    { title: 'no object', record: ['x'], expect: /must be a JSON object, got an array/ },
  ],
})

describe('github', () => {
  const convert = (record: unknown): Draft => github.convert(record)[0] as Draft

  it('knows a record without id by its content, whatever the order of its members', () => {
    const { _document_id: _, ...record } = entry()
    const source = convert(record).source
    expect(source).toEqual({ system: 'github.audit', id: expect.stringMatching(/^sha256:[\w-]{43}$/) })
    expect(convert(Object.fromEntries(Object.entries(record).reverse())).source).toEqual(source)
    expect(convert({ ruleId: 'x', event: record }).source).toEqual(source)
    expect(convert({ ...record, _document_id: '' }).source).not.toEqual(source)
    expect(convert({ ...record, user: 'hubot' }).source).not.toEqual(source)
  })

  it('T24 rejects each malformed record once, and the others arrive', async () => {
    const records = [
      bare({ _document_id: '1' }),
      bare({ _document_id: '2', action: 5 }),
      'x',
      bare({ _document_id: '3' }),
    ]
    const { first, reasons } = await importTwice(github, records)
    expect(first).toEqual({ read: 4, recorded: 2, duplicates: 0, rejected: 2 })
    expect(Object.keys(reasons)).toEqual(['/action', 'must be a JSON object, got a text of 1 characters'])
  })

  it('makes no token searchable, though it stands where a digest belongs', async () => {
    const token = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'
    const record = bare({ actor: 'ada', hashed_token: token, query_string: token, config: { secret: token } })
    expect(await foundBy(github, [record], 'ada')).toBe(2)
    expect(await foundBy(github, [record], token)).toBe(0)
  })

  it('makes of any object an event, a refusal of the recorder or a reject', () => {
    let converted = 0
    fc.assert(
      fc.property(fc.oneof(oddRecord(MEMBERS, entry()), fc.object({ maxDepth: 3 })), record => {
        converted += isConverted(github, record) ? 1 : 0
      }),
      { numRuns: 2000 },
    )
    expect(converted).toBeGreaterThan(100)
  })
})

/** Fields that a draft must not have. */
function nothing(...names: readonly (keyof Draft)[]): Partial<Draft> {
  return Object.fromEntries(names.map(name => [name, undefined]))
}
