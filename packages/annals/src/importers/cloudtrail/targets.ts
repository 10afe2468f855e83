import { type Fields, fieldsOf, identifierOf, isFields, listOf, Targets } from '../fields.ts'
import { typeByKey, typeOfArn } from './resource-types.ts'

/** Deepest nesting in which identifiers are looked for. */
const MAX_DEPTH = 6

/** The service of an event source: `s3.amazonaws.com` -> `s3`. */
export function serviceOf(eventSource: string): string {
  return eventSource.replace(/\.(?:amazonaws\.com(?:\.cn)?|aws\.internal)$/, '')
}

/**
 * The resources a record names: those of `resources` (by ARN), then the well-known identifiers and all ARNs of
 * requestParameters, then of responseElements. Types are `<service>.<resource>`, such as `s3.bucket`. Something known by its ARN
 * has that as id and the short form as name; something named only in short has the short form as id. First is the one whose kind
 * the event's name contains, as `iam.role` in `AttachRolePolicy`.
 */
export function targetsOf(
  record: Fields,
  service: string,
  eventName: string,
): Pick<Targets, 'all' | 'notes'> {
  const found: Found[] = []
  for (const resource of listOf(record['resources'])) {
    const { ARN, ARNPrefix, type } = fieldsOf(resource) as {
      ARN?: unknown
      ARNPrefix?: unknown
      type?: unknown
    }
    collectArn(identifierOf(ARN) ?? identifierOf(ARNPrefix), identifierOf(type), found)
  }
  collect(record['requestParameters'], service, eventName, 0, found)
  collect(record['responseElements'], service, eventName, 0, found)

  const byName = new Map(
    found.filter(one => one.name !== undefined).map(one => [`${one.type}/${one.name}`, one]),
  )
  const event = eventName.toLowerCase()
  const isSubject = (one: Found): boolean =>
    event.includes((one.type.split('.').at(-1) ?? '').replaceAll('-', ''))
  const targets = new Targets()
  const whole = found.map(one => byName.get(`${one.type}/${one.id}`) ?? one)
  for (const one of [...whole.filter(isSubject), ...whole.filter(one => !isSubject(one))])
    targets.add(one.type, one.id, { name: one.name })
  return targets
}

interface Found {
  readonly type: string
  readonly id: string
  /** Short form of an ARN. */
  readonly name?: string
}

function collect(value: unknown, service: string, eventName: string, depth: number, found: Found[]): void {
  if (!isFields(value) || depth > MAX_DEPTH) return
  for (const [key, part] of Object.entries(value)) {
    for (const item of Array.isArray(part) ? part : [part]) {
      if (isFields(item)) collect(item, service, eventName, depth + 1, found)
      else if (typeof item === 'string') collectText(key, item, service, eventName, depth, found)
    }
  }
}

function collectText(
  key: string,
  value: string,
  service: string,
  eventName: string,
  depth: number,
  found: Found[],
): void {
  const id = identifierOf(value)
  if (id === undefined) return
  if (id.startsWith('arn:')) {
    // Under other keys an ARN is text: a policy's pattern, a message.
    if (/arns?$/i.test(key) || typeByKey(key, id, service, eventName, depth) !== undefined)
      collectArn(id, undefined, found)
    return
  }
  const type = typeByKey(key, id, service, eventName, depth)
  if (type !== undefined) found.push({ type, id })
}

function collectArn(arn: string | undefined, cloudFormationType: string | undefined, found: Found[]): void {
  if (arn === undefined) return
  const parsed = typeOfArn(arn)
  // AWS::KMS::Key -> kms.key
  if (parsed === undefined)
    found.push({
      type: (cloudFormationType ?? 'resource')
        .replace(/^AWS::/, '')
        .replaceAll('::', '.')
        .toLowerCase(),
      id: arn,
    })
  else found.push({ type: parsed.type, id: arn, name: parsed.name })
}
