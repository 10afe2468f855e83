import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { github } from './github.ts'
import type { Importer } from './importer.ts'
import { lost } from './importing.test-support.ts'
import { okta } from './okta.ts'

const TIME = 1_606_929_874_512

/** What identifies a record, so that most are understood, and the members that the importer looks at. */
const CASES: readonly (readonly [Importer, Readonly<Record<string, unknown>>, string])[] = [
  [
    github,
    { '@timestamp': TIME, _document_id: 'd-1', action: 'repo.create' },
    `actor actor_id actor_ip business business_id created_at hashed_token token_id operation_type org org_id team user user_id
     user_agent request_id repo repo_id repository repository_id data changes name old_name active active_was new_active
     old_active previous_active status_code conclusion blocked_user hook_id external_identity_nameid protocol_name
     transport_protocol_name programmatic_access_type from to`,
  ],
  [
    okta,
    { uuid: 'u-1', published: '2026-02-03T04:05:06.789Z', eventType: 'a.b' },
    `version severity client actor outcome displayMessage transaction debugContext authenticationContext target eventtype
     displaymessage debugcontext id type alternateId displayName from to changeDetails result reason ipAddress userAgent
     rawUserAgent externalSessionId requestId debugData detail requestApiTokenId`,
  ],
]
/** Said in another way: the times that make occurredAt, and the results of which there are words of our own. */
const SAID = new Set<unknown>([TIME, '2026-02-03T04:05:06.789Z', 'SUCCESS', 'FAILURE', 'DENY'])

describe.each(CASES)('$name', (importer, base, members) => {
  const member = fc.constantFrom(...members.split(/\s+/))
  const { value } = fc.letrec<{ value: unknown }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'large' },
      fc.string({ minLength: 6, maxLength: 8 }).map(text => `T${text}`),
      fc.integer({ min: 100_000, max: 999_999 }),
      fc.constantFrom<unknown>('unknown', null, true, TIME, 'User', 'ghp_xxxxxxxx', 'SUCCESS', 'A_CODE'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(member, tie('value'), { noNullPrototype: true, maxKeys: 6 }),
    ),
  }))

  it('has every text, number and flag of any record it understands somewhere in the draft', () => {
    let understood = 0
    const record = fc.dictionary(member, value, { noNullPrototype: true, maxKeys: 12 })
    fc.assert(
      fc.property(record, given => {
        const whole = { ...given, ...base }
        const [draft] = importer.convert(whole)
        if (draft === undefined) return
        understood += 1
        expect(lost(whole, draft).filter(leaf => !SAID.has(leaf))).toEqual([])
      }),
      { numRuns: 2000 },
    )
    expect(understood).toBe(2000)
  })
})
