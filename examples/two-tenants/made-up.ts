const START = Date.UTC(2026, 10, 21, 9)
const second = (nth: number): string => new Date(START + nth * 1000).toISOString()

/** What CloudTrail would write of somebody who looks at buckets; every fourth is refused. */
export function* cloudtrail(count: number): Generator<object> {
  for (let nth = 0; nth < count; nth += 1) {
    yield {
      eventVersion: '1.08',
      eventID: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
      eventTime: second(nth).replace('.000Z', 'Z'),
      eventSource: 's3.amazonaws.com',
      eventName: nth % 2 === 0 ? 'GetBucketPolicy' : 'DeleteBucket',
      awsRegion: 'eu-north-1',
      sourceIPAddress: '192.0.2.7',
      userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: nth % 3 === 0 ? 'ada' : 'bo' },
      requestParameters: { bucketName: `bucket-${nth % 5}` },
      recipientAccountId: '111122223333',
      ...(nth % 4 === 0 ? { errorCode: 'AccessDenied', errorMessage: 'Access Denied' } : {}),
    }
  }
}

/** What an organisation's audit log of GitHub would say. */
export function* github(count: number): Generator<object> {
  for (let nth = 0; nth < count; nth += 1) {
    yield {
      _document_id: `document-${nth}`,
      action: nth % 2 === 0 ? 'repo.create' : 'protected_branch.destroy',
      actor: 'grace',
      created_at: START + nth * 1000,
      org: 'umbra',
      repo: `umbra/repository-${nth % 3}`,
    }
  }
}

/** What the System Log of Okta would say of sign-ins; every second fails. */
export function* okta(count: number): Generator<object> {
  for (let nth = 0; nth < count; nth += 1) {
    yield {
      uuid: `00000000-0000-4000-9000-${String(nth).padStart(12, '0')}`,
      published: second(nth),
      eventType: 'user.session.start',
      displayMessage: 'User login to Okta',
      actor: { id: '00u1', type: 'User', alternateId: 'grace@umbra.example', displayName: 'Grace' },
      client: { ipAddress: '203.0.113.9' },
      outcome: nth % 2 === 0 ? { result: 'SUCCESS' } : { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' },
    }
  }
}
