import { isUtf8 } from 'node:buffer'
import {
  type CloudEvent,
  draftOfCloudEvent,
  eventOf,
  parseCloudEvent,
  placeInCloudEvent,
} from 'annals/formats/cloudevents'
import { ImportReject } from 'annals/importers'
import { ndjson } from 'annals/importers/ndjson'
import { AnnalsError, type Draft } from 'annals/model'
import { parseStrict } from './strict-json.ts'

/** A draft that came as a CloudEvent; refusals speak of the CloudEvent. */
export interface Unwrapped {
  readonly draft: Draft
  /** The same refusal in the words of the CloudEvent. */
  retell(error: AnnalsError): AnnalsError
}

/**
 * The draft of a CloudEvent in JSON. An event of a log, as `GET /v1/events` gives it, becomes a draft again, as an import makes it.
 *
 * @throws AnnalsError ANNALS_INVALID with the path
 */
export function unwrapCloudEvent(value: unknown): Unwrapped {
  const cloudEvent = parseCloudEvent(value)
  return { draft: draftOf(cloudEvent), retell: error => retold(error, cloudEvent) }
}

function draftOf(cloudEvent: CloudEvent): Draft {
  const event = eventOf(cloudEvent)
  if (event === undefined) return draftOfCloudEvent(cloudEvent)
  try {
    return ndjson.convert(event)[0] as Draft
  } catch (error) {
    if (!(error instanceof ImportReject)) throw error
    const path = `/data${error.path}`
    throw new AnnalsError('ANNALS_INVALID', `${path}: ${error.reason}`, { path })
  }
}

function retold(error: AnnalsError, cloudEvent: CloudEvent): AnnalsError {
  const { code, path, hint } = error
  if (path === undefined) return error
  const place = placeInCloudEvent(cloudEvent, path)
  const message = error.message.startsWith(`${path}:`)
    ? `${place}${error.message.slice(path.length)}`
    : error.message
  return new AnnalsError(code, message, { path: place, ...(hint === undefined ? {} : { hint }) })
}

/**
 * The JSON form of a CloudEvent in binary mode (CloudEvents HTTP binding, 3.1): attributes are `ce-*` headers, the body is the data.
 *
 * @throws AnnalsError ANNALS_INVALID for a header that cannot be decoded, or data that is no JSON where it should be
 */
export function binaryCloudEvent(
  headers: Readonly<Record<string, string | undefined>>,
  body: Buffer,
): unknown {
  const attributes: [string, unknown][] = []
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith('ce-') && value !== undefined)
      attributes.push([name.slice(3), decodeHeader(name, value)])
  const type = headers['content-type']
  if (type !== undefined) attributes.push(['datacontenttype', type])
  if (body.length > 0) attributes.push(dataOf(type, body))
  return Object.fromEntries(attributes)
}

function dataOf(type: string | undefined, body: Buffer): [name: string, value: unknown] {
  const media = (type ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isJson = media === 'application/json' || media.endsWith('+json')
  const isText = isJson || media.startsWith('text/') || media.endsWith('xml')
  if (!isText || !isUtf8(body)) return ['data_base64', body.toString('base64')]
  const text = body.toString('utf8')
  return ['data', isJson ? parseStrict(text) : text]
}

/** Header values are texts in which everything beyond printable ASCII is percent-encoded; some producers quote them. */
function decodeHeader(name: string, value: string): string {
  const bare = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value
  try {
    return decodeURIComponent(bare)
  } catch {
    throw new AnnalsError('ANNALS_INVALID', `${name}: is not percent-encoded UTF-8`, { path: name })
  }
}
