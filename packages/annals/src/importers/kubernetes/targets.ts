import { type Fields, fieldsOf, identifierOf, isFields, listOf, Targets } from '../fields.ts'
import { objectReferences } from './references.ts'

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'endpoints'],
  ['componentstatuses', 'componentstatus'],
])

/**
 * The kind of a resource in lower case: `persistentvolumeclaims` -> `persistentvolumeclaim`.
 *
 * @example
 * ```ts
 * singular('networkpolicies') // 'networkpolicy'
 * ```
 */
export function singular(resource: string): string {
  const lower = resource.toLowerCase()
  const irregular = IRREGULAR.get(lower)
  if (irregular !== undefined) return irregular
  if (lower.endsWith('ies')) return `${lower.slice(0, -3)}y`
  if (/(?:ss|x|ch|sh)es$/.test(lower)) return lower.slice(0, -2)
  return lower.endsWith('s') && !lower.endsWith('ss') ? lower.slice(0, -1) : lower
}

/**
 * What a request was about: the object it names (`<namespace>/<name>`, or the name of one outside namespaces), else the namespace
 * or path; then what the request and response objects refer to, with the role it has there.
 */
export function targetsOf(record: Fields, ref: Fields): Pick<Targets, 'all' | 'notes'> {
  const targets = new Targets()
  const request = fieldsOf(record['requestObject'])
  const response = fieldsOf(record['responseObject'])
  const resource = identifierOf(ref['resource'])
  const namespace = identifierOf(ref['namespace'])
  if (resource === undefined) targets.add('path', textBefore(record['requestURI'], '?'))
  else {
    const metadata = { ...fieldsOf(request['metadata']), ...fieldsOf(response['metadata']) } as Fields
    // The server makes up the name of an object that is created with generateName.
    const name =
      identifierOf(ref['name']) ?? (record['verb'] === 'create' ? identifierOf(metadata['name']) : undefined)
    if (name !== undefined) targets.add(singular(resource), scoped(namespace, name), { name })
    else if (namespace !== undefined) targets.add('namespace', namespace, { name: namespace })
  }
  for (const object of [request, response]) {
    const home = namespace ?? identifierOf(fieldsOf(object['metadata'])['namespace'])
    for (const { type, name, role, place = home } of objectReferences(object))
      targets.add(type, scoped(place, name), { name, role })
    for (const owner of listOf(fieldsOf(object['metadata'])['ownerReferences']).filter(isFields)) {
      const [kind, name] = [identifierOf(owner['kind']), identifierOf(owner['name'])]
      if (kind !== undefined && name !== undefined)
        targets.add(kind.toLowerCase(), scoped(home, name), { name, role: 'owner' })
    }
  }
  return targets
}

function scoped(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

function textBefore(value: unknown, mark: string): string | undefined {
  return typeof value === 'string' ? value.split(mark, 1)[0] : undefined
}
