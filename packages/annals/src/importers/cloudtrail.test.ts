import fc from 'fast-check'
import { describe, it } from 'vitest'
import { importerSuite } from '../testing/importer-suite.ts'
import { cloudtrail } from './cloudtrail.ts'

const ACCOUNT = '111122223333'

function call(
  more: Record<string, unknown> = {},
  identity: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    eventVersion: '1.09',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      arn: `arn:aws:iam::${ACCOUNT}:user/ops/ada`,
      accountId: ACCOUNT,
      accessKeyId: 'AKIAEXAMPLE',
      userName: 'ada',
      ...identity,
    },
    eventTime: '2026-02-03T04:05:06Z',
    eventSource: 's3.amazonaws.com',
    eventName: 'PutBucketPolicy',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'aws-cli/2.15',
    requestParameters: { bucketName: 'reports', Host: 'reports.s3.amazonaws.com' },
    responseElements: null,
    requestID: 'R1',
    eventID: 'e-1',
    readOnly: false,
    resources: [{ accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::reports' }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    ...more,
  }
}

function identity(value: unknown, more: Record<string, unknown> = {}): unknown {
  return { ...call(more), userIdentity: value }
}

const ROLE = {
  type: 'Role',
  principalId: 'AROA1',
  arn: `arn:aws:iam::${ACCOUNT}:role/deploy`,
  accountId: ACCOUNT,
  userName: 'deploy',
}
const SESSION = {
  type: 'AssumedRole',
  principalId: 'AROA1:ada@example.com',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/ada@example.com`,
  accountId: ACCOUNT,
  accessKeyId: 'ASIA1',
  sessionContext: { sessionIssuer: ROLE, attributes: { mfaAuthenticated: 'true' } },
}
const session = {
  type: 'session',
  id: SESSION.arn,
  name: 'deploy/ada@example.com',
  credential: { type: 'accessKey', id: 'ASIA1' },
  onBehalfOf: { type: 'role', id: ROLE.arn, name: 'deploy' },
}

importerSuite({
  runner: { describe, it },
  importer: cloudtrail,
  hostile: fc.sample(fc.jsonValue(), { numRuns: 1000, seed: 1 }),
  samples: [
    {
      title: 'a call of a user',
      record: call(),
      expect: [
        {
          action: 'aws.s3.PutBucketPolicy',
          occurredAt: '2026-02-03T04:05:06.000Z',
          outcome: { result: 'success' },
          actor: {
            type: 'user',
            id: `arn:aws:iam::${ACCOUNT}:user/ops/ada`,
            name: 'ada',
            credential: { type: 'accessKey', id: 'AKIAEXAMPLE' },
          },
          targets: [{ type: 's3.bucket', id: 'arn:aws:s3:::reports', name: 'reports' }],
          tenant: ACCOUNT,
          origin: { ip: '203.0.113.7', userAgent: 'aws-cli/2.15', requestId: 'R1' },
          tags: {
            region: 'eu-central-1',
            readOnly: 'false',
            eventType: 'AwsApiCall',
            managementEvent: 'true',
          },
          data: {
            eventVersion: '1.09',
            requestParameters: { bucketName: 'reports', Host: 'reports.s3.amazonaws.com' },
            responseElements: null,
            resources: [{ accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::reports' }],
            userIdentity: { type: 'IAMUser', principalId: 'AIDAEXAMPLE', accountId: ACCOUNT },
          },
          source: { system: 'aws.cloudtrail', id: 'e-1' },
        },
      ],
    },
    {
      title: 'an assumed role: the session acts on behalf of the role',
      record: identity(SESSION),
      expect: [{ actor: session }],
    },
    {
      title: 'an Identity Center user behind a role',
      record: identity({
        ...SESSION,
        onBehalfOf: { userId: 'u-9', identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1' },
      }),
      expect: [
        {
          actor: {
            ...session,
            onBehalfOf: {
              ...session.onBehalfOf,
              onBehalfOf: { type: 'user', id: 'arn:aws:identitystore::1:identitystore/d-1/u-9', name: 'u-9' },
            },
          },
        },
      ],
    },
    {
      title: 'the root user',
      record: identity({
        type: 'Root',
        principalId: ACCOUNT,
        arn: `arn:aws:iam::${ACCOUNT}:root`,
        accountId: ACCOUNT,
      }),
      expect: [{ actor: { type: 'root', id: `arn:aws:iam::${ACCOUNT}:root`, name: 'root' } }],
    },
    {
      title: 'a service',
      record: identity(
        { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
        { sourceIPAddress: 'ec2.amazonaws.com', userAgent: 'ec2.amazonaws.com' },
      ),
      expect: [
        {
          actor: { type: 'service', id: 'ec2.amazonaws.com', name: 'ec2.amazonaws.com' },
          origin: { userAgent: 'ec2.amazonaws.com', requestId: 'R1', component: 'ec2.amazonaws.com' },
          notes: [{ path: '/origin/ip', reason: 'the source names a service, not an address' }],
        },
      ],
    },
    {
      title: 'a service event without identity type',
      record: identity({ accountId: ACCOUNT, invokedBy: 'kms.amazonaws.com' }),
      expect: [{ actor: { type: 'service', id: 'kms.amazonaws.com', name: 'kms.amazonaws.com' } }],
    },
    {
      title: 'another account',
      record: identity({ type: 'AWSAccount', principalId: 'AIDAX', accountId: '999' }),
      expect: [{ actor: { type: 'account', id: 'AIDAX' } }],
    },
    {
      title: 'another account, by number only',
      record: identity({ type: 'AWSAccount', accountId: '999' }),
      expect: [{ actor: { type: 'account', id: '999' } }],
    },
    {
      title: 'a federated user acts on behalf of who asked for the token',
      record: identity({
        type: 'FederatedUser',
        arn: `arn:aws:sts::${ACCOUNT}:federated-user/bo`,
        sessionContext: {
          sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/ada`, userName: 'ada' },
        },
      }),
      expect: [
        {
          actor: {
            type: 'user',
            id: `arn:aws:sts::${ACCOUNT}:federated-user/bo`,
            name: 'bo',
            onBehalfOf: { type: 'user', id: `arn:aws:iam::${ACCOUNT}:user/ada`, name: 'ada' },
          },
        },
      ],
    },
    {
      title: 'a SAML user',
      record: identity({ type: 'SAMLUser', principalId: 'idp:bo', userName: 'bo', identityProvider: 'idp' }),
      expect: [{ actor: { type: 'user', id: 'idp:bo', name: 'bo' } }],
    },
    {
      title: 'a web identity',
      record: identity({ type: 'WebIdentityUser', principalId: 'accounts.google.com:app:7', userName: '7' }),
      expect: [{ actor: { type: 'user', id: 'accounts.google.com:app:7', name: '7' } }],
    },
    { title: 'nobody', record: identity(undefined), expect: [{ actor: { type: 'unknown', id: '' } }] },
    {
      title: 'a service in the name of a user is the component',
      record: call(
        { sourceIPAddress: 'cloudformation.amazonaws.com' },
        { invokedBy: 'cloudformation.amazonaws.com' },
      ),
      expect: [
        { origin: { userAgent: 'aws-cli/2.15', requestId: 'R1', component: 'cloudformation.amazonaws.com' } },
      ],
    },
    {
      title: 'a refusal',
      record: call({ errorCode: 'Client.UnauthorizedOperation', errorMessage: 'no' }),
      expect: [{ outcome: { result: 'denied', code: 'Client.UnauthorizedOperation', message: 'no' } }],
    },
    {
      title: 'a failure',
      record: call({ errorCode: 'NoSuchBucket' }),
      expect: [{ outcome: { result: 'failure', code: 'NoSuchBucket' } }],
    },
    {
      title: 'a failed sign-in',
      record: call({ errorMessage: 'Failed authentication' }),
      expect: [{ outcome: { result: 'denied', message: 'Failed authentication' } }],
    },
    {
      title: 'targets of a request, the subject of the event first',
      record: call({
        eventSource: 'ec2.amazonaws.com',
        eventName: 'RunInstances',
        resources: undefined,
        requestParameters: {
          instancesSet: { items: [{ imageId: 'ami-1' }] },
          groupSet: { items: [{ groupId: 'sg-1' }] },
        },
        responseElements: { instancesSet: { items: [{ instanceId: 'i-1', subnetId: 'subnet-1' }] } },
      }),
      expect: [
        {
          targets: [
            { type: 'ec2.instance', id: 'i-1' },
            { type: 'ec2.image', id: 'ami-1' },
            { type: 'ec2.security-group', id: 'sg-1' },
            { type: 'ec2.subnet', id: 'subnet-1' },
          ],
        },
      ],
    },
    {
      title: 'targets of IAM',
      record: call({
        eventSource: 'iam.amazonaws.com',
        eventName: 'AttachRolePolicy',
        resources: [],
        requestParameters: { roleName: 'deploy', policyArn: 'arn:aws:iam::aws:policy/Admin' },
      }),
      expect: [
        {
          targets: [
            { type: 'iam.role', id: 'deploy' },
            { type: 'iam.policy', id: 'arn:aws:iam::aws:policy/Admin', name: 'Admin' },
          ],
        },
      ],
    },
    {
      title: 'names that are no segments, and an agent that is too long, stay in data',
      record: call({
        eventSource: 'my.app',
        eventName: 'Do it',
        userAgent: 'x'.repeat(513),
        sharedEventID: 's-1',
      }),
      expect: [
        {
          action: 'aws.my-app.Do-it',
          origin: { ip: '203.0.113.7', requestId: 'R1', correlationId: 's-1' },
          notes: [{ path: '/origin/userAgent', reason: 'longer than 512 bytes; it is in data' }],
        },
      ],
    },
    {
      title: 'no eventID',
      record: call({ eventID: undefined }),
      expect: /^\/eventID: must be a text of 1 to 512 bytes, got nothing$/,
    },
    {
      title: 'a time that is none',
      record: call({ eventTime: 'yesterday' }),
      expect: /^\/eventTime: must be an ISO 8601 time/,
    },
    {
      title: 'an impossible day',
      record: call({ eventTime: '2026-02-30T00:00:00Z' }),
      expect: /^\/eventTime/,
    },
    { title: 'no object', record: ['x'], expect: /must be a JSON object, got an array/ },
  ],
})
