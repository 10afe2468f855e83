import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Draft } from '../model/index.ts'
import { importerSuite } from '../testing/importer-suite.ts'
import { hostileSamples, isConverted, oddRecord } from './hostile.test-support.ts'
import { foundBy, importTwice } from './importing.test-support.ts'
import { okta } from './okta.ts'

const ADA = { id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada Lovelace' }
const APP = { id: '0oa1', type: 'AppInstance', alternateId: 'wiki', displayName: 'Wiki', detailEntry: null }

function event(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: '0',
    severity: 'INFO',
    client: {
      zone: 'OFF_NETWORK',
      device: 'Computer',
      userAgent: { os: 'Mac OS X', browser: 'CHROME', rawUserAgent: 'Mozilla/5.0' },
      ipAddress: '203.0.113.7',
    },
    actor: ADA,
    outcome: { result: 'SUCCESS' },
    uuid: 'f790999f-fe87-467a-9880-6982a583986c',
    published: '2026-02-03T04:05:06.789Z',
    eventType: 'user.session.start',
    displayMessage: 'User login to Okta',
    transaction: { type: 'WEB', id: 'V04O', detail: {} },
    debugContext: { debugData: { requestUri: '/login/do-login', requestId: 'R1' } },
    legacyEventType: 'core.user_auth.login_success',
    authenticationContext: { authenticationStep: 0, externalSessionId: 'S1' },
    target: [APP, { ...ADA, id: '00u2', alternateId: 'bo@example.com' }],
    ...more,
  }
}

function bare(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { uuid: 'u-1', published: '2026-02-03T04:05:06.789Z', eventType: 'user.session.start', ...more }
}

const FOLDED = ['eventtype', 'displaymessage', 'debugcontext', 'authenticationcontext']
const MEMBERS = [...Object.keys(event()), ...FOLDED, 'event', 'detail']

importerSuite({
  runner: { describe, it },
  importer: okta,
  hostile: hostileSamples(MEMBERS, event()),
  samples: [
    {
      title: 'a sign-in',
      record: event(),
      expect: [
        {
          action: 'okta.user.session.start',
          occurredAt: '2026-02-03T04:05:06.789Z',
          outcome: { result: 'success' },
          actor: { type: 'user', id: '00u1', name: 'ada@example.com' },
          targets: [
            { type: 'app-instance', id: '0oa1', name: 'Wiki' },
            { type: 'user', id: '00u2', name: 'bo@example.com' },
          ],
          origin: {
            ip: '203.0.113.7',
            userAgent: 'Mozilla/5.0',
            requestId: 'R1',
            correlationId: 'V04O',
            sessionId: 'S1',
          },
          tags: { severity: 'INFO' },
          description: 'User login to Okta',
          data: {
            version: '0',
            client: {
              zone: 'OFF_NETWORK',
              device: 'Computer',
              userAgent: { os: 'Mac OS X', browser: 'CHROME' },
            },
            actor: { id: '00u1', type: 'User', displayName: 'Ada Lovelace' },
            transaction: { type: 'WEB', detail: {} },
            debugContext: { debugData: { requestUri: '/login/do-login' } },
            legacyEventType: 'core.user_auth.login_success',
            authenticationContext: { authenticationStep: 0 },
            target: [APP, { ...ADA, id: '00u2', alternateId: 'bo@example.com' }],
          },
          source: { system: 'okta.systemlog', id: 'f790999f-fe87-467a-9880-6982a583986c' },
          ...nothing('tenant', 'changes', 'notes'),
        },
      ],
    },
    {
      title: 'an event that says no more than what happened',
      record: bare(),
      expect: [
        {
          outcome: { result: 'unknown' },
          actor: { type: 'unknown', id: '' },
          targets: [],
          origin: {},
          ...nothing('data', 'notes', 'tags', 'description'),
        },
      ],
    },
    {
      title: 'what a log stream or a shipper put around it is passed over',
      record: { version: '0', 'detail-type': 'SystemLog', detail: bare({ version: '1' }) },
      expect: [{ source: { system: 'okta.systemlog', id: 'u-1' }, data: { version: '1' } }],
    },
    {
      title: 'names of members that a table folded',
      record: {
        uuid: 'u-1',
        published: '2026-02-03T04:05:06.789Z',
        eventtype: 'user.session.start',
        displaymessage: 'User login to Okta',
        debugcontext: { debugData: { requestId: 'R1' } },
        authenticationcontext: { externalSessionId: 'S1' },
        securitycontext: { asNumber: 1 },
      },
      expect: [
        {
          action: 'okta.user.session.start',
          description: 'User login to Okta',
          origin: { requestId: 'R1', sessionId: 'S1' },
          data: { securitycontext: { asNumber: 1 } },
        },
      ],
    },
    {
      title: 'somebody whom Okta did not know: what was typed may be a password',
      record: bare({
        actor: { id: 'unknown', type: 'User', alternateId: 'hunter2', displayName: 'unknown' },
        outcome: { result: 'FAILURE', reason: 'VERIFICATION_ERROR' },
        target: [
          { id: 'unknown', type: 'User', alternateId: 'hunter2' },
          { type: 'AppUser', alternateId: 'hunter2' },
        ],
      }),
      expect: [
        {
          actor: { type: 'unknown', id: '' },
          targets: [],
          outcome: { result: 'failure', code: 'VERIFICATION_ERROR' },
          data: {
            actor: { id: 'unknown', type: 'User', alternateId: 'hunter2', displayName: 'unknown' },
            target: [
              { id: 'unknown', type: 'User', alternateId: 'hunter2' },
              { type: 'AppUser', alternateId: 'hunter2' },
            ],
          },
          notes: [
            { path: '/actor', reason: 'the source did not know who it was; what it was told is in data' },
          ],
        },
      ],
    },
    {
      title: 'a refusal',
      record: bare({ outcome: { result: 'DENY', reason: 'blocked by a zone' } }),
      expect: [{ outcome: { result: 'denied', message: 'blocked by a zone' }, ...nothing('data') }],
    },
    {
      title: 'a permission keeps its word',
      record: bare({ outcome: { result: 'ALLOW' } }),
      expect: [{ outcome: { result: 'success' }, data: { outcome: { result: 'ALLOW' } } }],
    },
    {
      title: 'a challenge decides nothing',
      record: bare({ outcome: { result: 'CHALLENGE', reason: 'MFA_REQUIRED' } }),
      expect: [
        { outcome: { result: 'unknown', code: 'CHALLENGE', message: 'MFA_REQUIRED' }, ...nothing('data') },
      ],
    },
    {
      title: 'what changed of the only target that did',
      record: bare({
        target: [
          ADA,
          {
            ...APP,
            changeDetails: {
              from: { vpn: { zones: [] }, state: 'OFF' },
              to: { vpn: { zones: ['ALL'] }, state: 'OFF', message: 'Use the VPN' },
            },
          },
        ],
      }),
      expect: [
        {
          changes: [
            { path: '/vpn/zones/0', op: 'add', after: 'ALL' },
            { path: '/message', op: 'add', after: 'Use the VPN' },
          ],
          data: {
            target: [
              ADA,
              {
                ...APP,
                changeDetails: { to: { vpn: { zones: ['ALL'] }, state: 'OFF', message: 'Use the VPN' } },
              },
            ],
          },
        },
      ],
    },
    {
      title: 'a time without zone, an address that is none, an agent that is too long',
      record: bare({
        published: '2022-03-22 14:21:53.225',
        client: { ipAddress: 'redacted', userAgent: { rawUserAgent: 'x'.repeat(513) } },
      }),
      expect: [
        {
          occurredAt: '2022-03-22T14:21:53.225Z',
          origin: {},
          data: {
            published: '2022-03-22 14:21:53.225',
            client: { ipAddress: 'redacted', userAgent: { rawUserAgent: 'x'.repeat(513) } },
          },
          notes: [
            { path: '/occurredAt', reason: 'the source gives no zone; read as UTC' },
            { path: '/origin/ip', reason: 'the source gives no address; see data' },
            { path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' },
          ],
        },
      ],
    },
    {
      title: 'no uuid',
      record: { ...bare(), uuid: undefined },
      expect: /^\/uuid: must be a text of 1 to 512 bytes, got nothing$/,
    },
    { title: 'no type', record: { ...bare(), eventType: undefined }, expect: /^\/eventType: must be a text/ },
    {
      title: 'a folded type that is none',
      record: { uuid: 'u', eventtype: 5 },
      expect: /^\/eventtype: .*got a number$/,
    },
    {
      title: 'a time that is none',
      record: bare({ published: 'redacted' }),
      expect: /^\/published: must be an ISO 8601 time/,
    },
    {
      title: 'paths of what was wrapped',
      record: { event: { eventType: 'a.b' } },
      expect: /^\/event\/uuid: /,
    },
    { title: 'no object', record: null, expect: /must be a JSON object, got null/ },
  ],
})

describe('okta', () => {
  it('leaves no name of who acted in data, or the id beside it', () => {
    const draft = okta.convert(event())[0] as Draft<Record<string, unknown>>
    expect(JSON.stringify(draft.data)).not.toContain('ada@example.com')
    expect(draft.data?.['actor']).toMatchObject({ id: '00u1', displayName: 'Ada Lovelace' })
  })

  it('T24 rejects each malformed record once, and the others arrive', async () => {
    const records = [bare({ uuid: '1' }), bare({ uuid: '2', published: 5 }), [7], bare({ uuid: '3' })]
    const { first, reasons } = await importTwice(okta, records)
    expect(first).toEqual({ read: 4, recorded: 2, duplicates: 0, rejected: 2 })
    expect(Object.keys(reasons)).toEqual(['/published', 'must be a JSON object, got a number'])
  })

  it('makes nothing searchable that was typed by somebody whom Okta did not know', async () => {
    const typed = { id: 'unknown', type: 'User', alternateId: 'hunter2', displayName: 'hunter2' }
    const debug = { debugData: { url: '/login?stateToken=hunter2' } }
    const record = bare({ actor: typed, target: [typed, APP], debugContext: debug })
    expect(await foundBy(okta, [record], 'Wiki')).toBe(2)
    expect(await foundBy(okta, [record], 'hunter2')).toBe(0)
  })

  it('makes of any object an event, a refusal of the recorder or a reject', () => {
    let converted = 0
    fc.assert(
      fc.property(fc.oneof(oddRecord(MEMBERS, event()), fc.object({ maxDepth: 3 })), record => {
        converted += isConverted(okta, record) ? 1 : 0
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
