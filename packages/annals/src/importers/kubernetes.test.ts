import fc from 'fast-check'
import { describe, it } from 'vitest'
import { importerSuite } from '../testing/importer-suite.ts'
import { kubernetes } from './kubernetes.ts'

function request(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: 'a-1',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/pods',
    verb: 'create',
    user: { username: 'ada', uid: 'u-1', groups: ['system:authenticated'] },
    sourceIPs: ['203.0.113.7'],
    userAgent: 'kubectl/v1.34.0',
    objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', uid: 'p-1', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 201 },
    requestReceivedTimestamp: '2026-02-03T04:05:06.100250Z',
    stageTimestamp: '2026-02-03T04:05:06.162750Z',
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC' },
    ...more,
  }
}

const pod = {
  kind: 'Pod',
  metadata: {
    name: 'web-0',
    namespace: 'shop',
    ownerReferences: [{ kind: 'StatefulSet', name: 'web', uid: 's-1' }],
  },
  spec: {
    serviceAccountName: 'web',
    nodeName: 'node-7',
    volumes: [
      { name: 'a', persistentVolumeClaim: { claimName: 'data-web-0' } },
      { name: 'b', secret: { secretName: 'tls' } },
      { name: 'c', configMap: { name: 'conf' } },
      { name: 'd', emptyDir: {} },
    ],
  },
}

importerSuite({
  runner: { describe, it },
  importer: kubernetes,
  hostile: fc.sample(fc.jsonValue(), { numRuns: 1000, seed: 2 }),
  samples: [
    {
      title: 'a request that is complete',
      record: request(),
      expect: [
        {
          action: 'kubernetes.core.pods.create',
          occurredAt: '2026-02-03T04:05:06.100Z',
          outcome: { result: 'success', durationMs: 62.5 },
          actor: { type: 'user', id: 'ada', name: 'ada' },
          targets: [{ type: 'pod', id: 'shop/web-0', name: 'web-0' }],
          origin: { ip: '203.0.113.7', userAgent: 'kubectl/v1.34.0', requestId: 'a-1' },
          tags: { namespace: 'shop', decision: 'allow', stage: 'ResponseComplete', level: 'RequestResponse' },
          data: {
            requestURI: '/api/v1/namespaces/shop/pods',
            objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', uid: 'p-1', apiVersion: 'v1' },
            responseStatus: { metadata: {}, code: 201 },
            requestReceivedTimestamp: '2026-02-03T04:05:06.100250Z',
            stageTimestamp: '2026-02-03T04:05:06.162750Z',
            annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC' },
            user: { uid: 'u-1', groups: ['system:authenticated'] },
          },
          source: { system: 'kubernetes.audit', id: 'a-1/ResponseComplete' },
        },
      ],
    },
    {
      title: 'what a pod refers to',
      record: request({ requestObject: pod, responseObject: pod }),
      expect: [
        {
          targets: [
            { type: 'pod', id: 'shop/web-0', name: 'web-0' },
            { type: 'persistentvolumeclaim', id: 'shop/data-web-0', name: 'data-web-0', role: 'volume' },
            { type: 'secret', id: 'shop/tls', name: 'tls', role: 'volume' },
            { type: 'configmap', id: 'shop/conf', name: 'conf', role: 'volume' },
            { type: 'serviceaccount', id: 'shop/web', name: 'web', role: 'account' },
            { type: 'node', id: 'node-7', name: 'node-7', role: 'node' },
            { type: 'statefulset', id: 'shop/web', name: 'web', role: 'owner' },
          ],
        },
      ],
    },
    {
      title: 'a claim and its volume',
      record: request({
        objectRef: { resource: 'persistentvolumeclaims', namespace: 'shop', name: 'data' },
        responseObject: { spec: { volumeName: 'pv-9', storageClassName: 'fast' } },
      }),
      expect: [
        {
          targets: [
            { type: 'persistentvolumeclaim', id: 'shop/data', name: 'data' },
            { type: 'persistentvolume', id: 'pv-9', name: 'pv-9', role: 'volume' },
            { type: 'storageclass', id: 'fast', name: 'fast', role: 'class' },
          ],
        },
      ],
    },
    {
      title: 'a volume and its claim, in another namespace',
      record: request({
        verb: 'update',
        objectRef: { resource: 'persistentvolumes', name: 'pv-9' },
        requestObject: { spec: { claimRef: { namespace: 'shop', name: 'data' } } },
      }),
      expect: [
        {
          action: 'kubernetes.core.persistentvolumes.update',
          targets: [
            { type: 'persistentvolume', id: 'pv-9', name: 'pv-9' },
            { type: 'persistentvolumeclaim', id: 'shop/data', name: 'data', role: 'claim' },
          ],
        },
      ],
    },
    {
      title: 'an ingress and its services, with both ways to name them',
      record: request({
        objectRef: { resource: 'ingresses', apiGroup: 'networking.k8s.io', namespace: 'shop', name: 'in' },
        requestObject: {
          spec: {
            defaultBackend: { service: { name: 'home' } },
            rules: [
              {
                http: {
                  paths: [{ backend: { service: { name: 'api' } } }, { backend: { serviceName: 'old' } }],
                },
              },
            ],
          },
        },
      }),
      expect: [
        {
          action: 'kubernetes.networking-k8s-io.ingresses.create',
          targets: [
            { type: 'ingress', id: 'shop/in', name: 'in' },
            { type: 'service', id: 'shop/home', name: 'home', role: 'backend' },
            { type: 'service', id: 'shop/api', name: 'api', role: 'backend' },
            { type: 'service', id: 'shop/old', name: 'old', role: 'backend' },
          ],
        },
      ],
    },
    {
      title: 'a binding, its role and subjects',
      record: request({
        objectRef: {
          resource: 'rolebindings',
          apiGroup: 'rbac.authorization.k8s.io',
          namespace: 'shop',
          name: 'b',
        },
        requestObject: {
          roleRef: { kind: 'ClusterRole', name: 'admin' },
          subjects: [
            { kind: 'User', name: 'eve' },
            { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' },
          ],
        },
      }),
      expect: [
        {
          targets: [
            { type: 'rolebinding', id: 'shop/b', name: 'b' },
            { type: 'clusterrole', id: 'admin', name: 'admin', role: 'role' },
            { type: 'user', id: 'eve', name: 'eve', role: 'subject' },
            { type: 'serviceaccount', id: 'ci/bot', name: 'bot', role: 'subject' },
          ],
        },
      ],
    },
    {
      title: 'a subresource, by a service account with a token',
      record: request({
        objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
        user: {
          username: 'system:serviceaccount:ci:bot',
          extra: { 'authentication.kubernetes.io/credential-id': ['JTI=t-1'] },
        },
        responseStatus: { code: 101 },
      }),
      expect: [
        {
          action: 'kubernetes.core.pods.exec.create',
          outcome: { result: 'success', durationMs: 62.5 },
          actor: {
            type: 'service',
            id: 'system:serviceaccount:ci:bot',
            name: 'ci/bot',
            credential: { type: 'token', id: 't-1' },
          },
        },
      ],
    },
    {
      title: 'impersonation: who is authenticated acts on behalf of the other',
      record: request({ impersonatedUser: { username: 'root', groups: ['system:masters'] } }),
      expect: [
        {
          actor: {
            type: 'user',
            id: 'ada',
            name: 'ada',
            onBehalfOf: { type: 'user', id: 'root', name: 'root' },
          },
        },
      ],
    },
    {
      title: 'a refusal',
      record: request({ responseStatus: { code: 403, reason: 'Forbidden', message: 'no' } }),
      expect: [{ outcome: { result: 'denied', code: 'Forbidden', message: 'no', durationMs: 62.5 } }],
    },
    {
      title: 'a failure',
      record: request({ responseStatus: { code: 409 } }),
      expect: [{ outcome: { result: 'failure', code: '409', durationMs: 62.5 } }],
    },
    {
      title: 'a panic',
      record: request({ stage: 'Panic', responseStatus: { code: 500, message: 'boom' } }),
      expect: [
        {
          outcome: { result: 'failure', code: '500', message: 'boom', durationMs: 62.5 },
          source: { system: 'kubernetes.audit', id: 'a-1/Panic' },
        },
      ],
    },
    {
      title: 'a request that has only been received: an event of its own, whose outcome is not known',
      record: request({
        stage: 'RequestReceived',
        responseStatus: undefined,
        stageTimestamp: '2026-02-03T04:05:06.100250Z',
      }),
      expect: [
        { outcome: { result: 'unknown' }, source: { system: 'kubernetes.audit', id: 'a-1/RequestReceived' } },
      ],
    },
    {
      title: 'a path, anonymously',
      record: request({
        objectRef: undefined,
        verb: 'get',
        requestURI: '/healthz?verbose',
        user: { username: 'system:anonymous' },
      }),
      expect: [
        {
          action: 'kubernetes.nonresource.get',
          actor: { type: 'anonymous', id: 'system:anonymous', name: 'system:anonymous' },
          targets: [{ type: 'path', id: '/healthz' }],
        },
      ],
    },
    {
      title: 'addresses that a client can forge are not the origin',
      record: request({ sourceIPs: ['127.0.0.1', '10.0.0.1', '2001:db8::7'] }),
      expect: [{ origin: { ip: '2001:db8::7', userAgent: 'kubectl/v1.34.0', requestId: 'a-1' } }],
    },
    {
      title: 'a list of a namespace',
      record: request({ verb: 'list', objectRef: { resource: 'secrets', namespace: 'shop' } }),
      expect: [{ targets: [{ type: 'namespace', id: 'shop', name: 'shop' }] }],
    },
    {
      title: 'a time without zone is UTC, and a note says so',
      record: request({ requestReceivedTimestamp: '2022-11-29 00:09:04.38' }),
      expect: [
        {
          occurredAt: '2022-11-29T00:09:04.380Z',
          notes: [
            { path: '/occurredAt', reason: 'the source gives no zone; read as UTC, which audit logs are in' },
          ],
        },
      ],
    },
    { title: 'no auditID', record: request({ auditID: undefined }), expect: /^\/auditID/ },
    { title: 'no verb', record: request({ verb: '' }), expect: /^\/verb: .* got an empty text$/ },
    {
      title: 'no time',
      record: request({ requestReceivedTimestamp: 'redacted', stageTimestamp: 5 }),
      expect: /^\/requestReceivedTimestamp/,
    },
    { title: 'another kind', record: request({ kind: 'Pod' }), expect: /^\/kind/ },
    { title: 'another API', record: request({ apiVersion: 'v1' }), expect: /^\/apiVersion/ },
  ],
})
