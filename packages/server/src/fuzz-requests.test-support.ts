import fc, { type Arbitrary } from 'fast-check'
import { type JsonSchema, valuesOf } from './schema-arbitrary.test-support.ts'

type Named = Readonly<Record<string, JsonSchema>>

/** Those who are shown the tenant `acme`, the project `p1` or the user `alice` alone. */
export const RESTRICTED: readonly string[] = [
  'tenant-admin',
  'owner',
  'maintainer',
  'user',
  'recorder',
  'nobody',
  'junk',
]

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: JsonSchema
}

/** An operation of the document. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: JsonSchema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** An OpenAPI document, as far as requests are made from it. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** A request. Where `EVENT` stands, the id of an event of the other tenant is meant. */
export interface Asked {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  readonly who: string
}

/** Texts that somebody might try. `EVENT` stands for the id of an event of the other tenant. */
const texts: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    'tenant:umbra',
    '-tenant:acme',
    'tenant:umbra OR *',
    '*) OR (tenant:umbra',
    'id:EVENT',
    'EVENT',
    'index:0..1000',
    'action:log.*',
    'topic:machine',
    'actor:me',
    'project:*',
    'umbra',
    'acme',
    'user',
    'alice',
    'machine/web-1',
    'action',
    'outcome',
    'actor,action,tenant',
    '2026-01-01T00:00:00Z',
    '1',
    '-1',
    '1e309',
    '9007199254740993',
    '__proto__',
    'constructor',
    '../../keys/kek',
    '%00',
    '\u0000',
    '\u001b]0;x\u0007',
    '<img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x")',
    "' OR 1=1 --",
    'x'.repeat(3_000),
    '('.repeat(200),
    'Europe/Berlin',
  ),
)

/** What parameters of these names take, so that not everything is refused for one of them. */
const FITTING: Readonly<Record<string, Arbitrary<string>>> = {
  query: fc.constantFrom(
    '',
    'tenant:umbra',
    'outcome:failure',
    'machine',
    'id:EVENT',
    'topic:machine -actor:alice',
  ),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns'),
  seek: fc.constantFrom('0', '5', '2026-01-01T00:00:00Z', 'EVENT'),
  seekEnd: fc.constantFrom('10', '1000', '2036-01-01T00:00:00Z', 'EVENT'),
  at: fc.constantFrom('1', '2036-01-01T00:00:00Z', 'EVENT'),
  id: fc.constantFrom('EVENT', 'web-1', 'alice'),
  type: fc.constantFrom('machine', 'user'),
  path: fc.constantFrom('0/000.p/3', 'entries/000.p/3', '0/000'),
}

const headerText = fc
  .string({ unit: fc.constantFrom(...'abcABC012 ,;=*/"<>'), maxLength: 30 })
  .map(text => text.trim())

/** A request for an operation: mostly as its schemas have it, sometimes not. */
export function requestFor(
  path: string,
  method: string,
  operation: Operation,
  named: Named,
): Arbitrary<Asked> {
  const parameters = operation.parameters ?? []
  const values = (place: 'path' | 'query'): Arbitrary<Readonly<Record<string, unknown>>> => {
    const ours = parameters.filter(one => one.in === place)
    const wild = fc.oneof({ weight: 1, arbitrary: texts }, { weight: 19, arbitrary: fc.constant(undefined) })
    const left = fc.constant(undefined)
    const chosen = ours.map(one => {
      const value = fc.tuple(fitting(one, named), wild).map(([fit, odd]) => odd ?? fit)
      if (one.required || place === 'path') return [one.name, value] as const
      return [one.name, fc.oneof({ weight: 3, arbitrary: left }, { weight: 1, arbitrary: value })] as const
    })
    return fc
      .record(Object.fromEntries(chosen))
      .map(given => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  }
  return fc
    .record({
      path: values('path'),
      query: values('query'),
      more: fc.oneof(
        { weight: 9, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.dictionary(texts, texts, { minKeys: 1, maxKeys: 2 }) },
      ),
      body: bodyFor(operation, named),
      headers: headersFor(),
      method: fc.oneof(
        { weight: 19, arbitrary: fc.constant(method.toUpperCase()) },
        { weight: 1, arbitrary: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS') },
      ),
      who: fc.constantFrom('operator', 'operator', 'auditor', 'tenant-admin', 'tenant-admin', ...RESTRICTED),
    })
    .map(({ path: places, query, more, body, headers, method: verb, who }) => {
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => segment(places[name]))
      const asked = new URLSearchParams()
      for (const [name, value] of Object.entries({ ...query, ...more })) asked.append(name, textOf(value))
      const search = asked.size === 0 ? '' : `?${asked}`
      const hasBody = verb !== 'GET' && verb !== 'HEAD'
      return {
        id: operation.operationId,
        method: verb,
        path: `${filled}${search}`.slice(0, 12_000),
        headers: hasBody ? { ...headers, ...body.headers } : headers,
        body: hasBody ? body.body : undefined,
        who,
      }
    })
}

function fitting({ name, schema }: Parameter, named: Named): Arbitrary<unknown> {
  const known = FITTING[name]
  const any = valuesOf(schema, named, texts)
  return known === undefined ? any : fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: any })
}

function bodyFor(operation: Operation, named: Named): Arbitrary<Pick<Asked, 'body' | 'headers'>> {
  const content = Object.entries(operation.requestBody?.content ?? {})
  const fitting = content.map(([type, { schema }]) =>
    valuesOf(schema ?? {}, named, texts).map(value => ({
      body: JSON.stringify(value) ?? '',
      headers: { 'Content-Type': type.replace('*/*', 'text/plain') },
    })),
  )
  const lines = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }).map(values => ({
    body: values.map(value => `${JSON.stringify(value)}\n`).join(''),
    headers: { 'Content-Type': 'application/x-ndjson' },
  }))
  const broken = fc
    .tuple(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('application/json', 'text/html', 'x', ''))
    .map(([body, type]) => ({ body, headers: type === '' ? {} : { 'Content-Type': type } }))
  const none = fc.constant({ body: undefined, headers: {} })
  if (fitting.length === 0) return fc.oneof({ weight: 9, arbitrary: none }, { weight: 1, arbitrary: broken })
  return fc.oneof(
    { weight: 12, arbitrary: fc.oneof(...fitting) },
    { weight: 2, arbitrary: lines },
    { weight: 1, arbitrary: broken },
    { weight: 1, arbitrary: none },
  )
}

function headersFor(): Arbitrary<Readonly<Record<string, string>>> {
  return fc.record(
    {
      Accept: fc.oneof(
        fc.constantFrom('application/x-ndjson', 'text/csv', 'application/cloudevents+json'),
        headerText,
      ),
      'Last-Event-ID': fc.oneof(fc.constantFrom('0', '5', '-1', '99999999999999999999'), headerText),
      'Idempotency-Key': headerText,
      'X-Request-Id': headerText,
      'If-None-Match': headerText,
      Range: headerText,
      Origin: fc.constantFrom('null', 'https://evil.example'),
    },
    { requiredKeys: [] },
  )
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return (text ?? '').toWellFormed()
}

/** Never empty and never a dot, which a URL takes for something else. */
function segment(value: unknown): string {
  const text = textOf(value)
  return text === '' || /^\.+$/.test(text) ? 'x' : encodeURIComponent(text)
}
