import { type Fields, fieldsOf, identifierOf, isFields, listOf } from '../fields.ts'

/** An object that another refers to. */
export interface Reference {
  readonly type: string
  readonly name: string
  readonly role: string
  /** Its namespace: absent means that of the referring object, empty means none. */
  readonly place?: string
}

const NONE = ''

/**
 * What a Kubernetes object refers to by name, in the fields of the built-in kinds: a pod's volumes, node and service account (also
 * in the templates of workloads), a claim's volume, a volume's claim, an ingress's services, a webhook's service, a binding's role
 * and subjects.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/
 */
export function* objectReferences(object: Fields): Generator<Reference> {
  const spec = fieldsOf(object['spec'])
  for (const pod of podSpecs(spec)) yield* podReferences(pod)

  // PersistentVolumeClaim, PersistentVolume, VolumeAttachment, VolumeSnapshot
  yield* reference('persistentvolume', spec['volumeName'], 'volume', NONE)
  const claim = fieldsOf(spec['claimRef'])
  yield* reference('persistentvolumeclaim', claim['name'], 'claim', identifierOf(claim['namespace']))
  yield* reference('storageclass', spec['storageClassName'], 'class', NONE)
  const source = fieldsOf(spec['source'])
  yield* reference('persistentvolume', source['persistentVolumeName'], 'volume', NONE)
  yield* reference('persistentvolumeclaim', source['persistentVolumeClaimName'], 'claim')

  // Ingress (v1, and serviceName of v1beta1), StatefulSet, webhook configurations, APIService
  yield* backend(spec['defaultBackend'])
  yield* backend(spec['backend'])
  for (const rule of listOf(spec['rules'])) {
    for (const path of listOf(fieldsOf(fieldsOf(rule)['http'])['paths']))
      yield* backend(fieldsOf(path)['backend'])
  }
  yield* reference('service', spec['serviceName'], 'service')
  for (const webhook of listOf(object['webhooks']))
    yield* service(fieldsOf(fieldsOf(webhook)['clientConfig'])['service'])
  yield* service(spec['service'])

  // RoleBinding, ClusterRoleBinding, Binding
  const role = fieldsOf(object['roleRef'])
  const roleKind = identifierOf(role['kind'])?.toLowerCase() ?? 'role'
  yield* reference(roleKind, role['name'], 'role', roleKind === 'clusterrole' ? NONE : undefined)
  for (const subject of listOf(object['subjects']).map(fieldsOf)) {
    const kind = identifierOf(subject['kind'])?.toLowerCase() ?? 'subject'
    yield* reference(
      kind,
      subject['name'],
      'subject',
      kind === 'serviceaccount' ? identifierOf(subject['namespace']) : NONE,
    )
  }
  const target = fieldsOf(object['target'])
  if (target['kind'] === 'Node') yield* reference('node', target['name'], 'node', NONE)
}

/** The pod specification of a pod, of a workload's template and of a cron job's. */
function podSpecs(spec: Fields): readonly Fields[] {
  const template = fieldsOf(fieldsOf(spec['template'])['spec'])
  const job = fieldsOf(fieldsOf(spec['jobTemplate'])['spec'])
  return [spec, template, fieldsOf(fieldsOf(job['template'])['spec'])]
}

function* podReferences(pod: Fields): Generator<Reference> {
  for (const volume of listOf(pod['volumes']).filter(isFields)) {
    yield* reference(
      'persistentvolumeclaim',
      fieldsOf(volume['persistentVolumeClaim'])['claimName'],
      'volume',
    )
    yield* reference('secret', fieldsOf(volume['secret'])['secretName'], 'volume')
    yield* reference('configmap', fieldsOf(volume['configMap'])['name'], 'volume')
  }
  yield* reference('serviceaccount', pod['serviceAccountName'], 'account')
  yield* reference('node', pod['nodeName'], 'node', NONE)
}

function* backend(value: unknown): Generator<Reference> {
  const fields = fieldsOf(value)
  yield* reference('service', fieldsOf(fields['service'])['name'], 'backend')
  yield* reference('service', fields['serviceName'], 'backend')
}

function* service(value: unknown): Generator<Reference> {
  const fields = fieldsOf(value)
  yield* reference('service', fields['name'], 'service', identifierOf(fields['namespace']))
}

function* reference(type: string, value: unknown, role: string, place?: string): Generator<Reference> {
  const name = identifierOf(value)
  if (name !== undefined) yield { type, name, role, ...(place !== undefined && { place }) }
}
