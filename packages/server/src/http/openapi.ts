import { z } from 'zod'
import { problemSchema } from './problem-schema.ts'
import type { ResponseSpec, Route } from './route.ts'

/** A part of an OpenAPI document. */
export type OpenApiObject = { readonly [name: string]: unknown }

/** Tags in the order in which they are shown. */
const TAGS: Readonly<Record<string, string>> = {
  recording: 'Sending events.',
  events: 'Reading events, each as far as it is shown to whoever asks.',
  live: 'Events and metrics as they come.',
  proofs: 'What lets outsiders verify the log.',
  lifecycle: 'What is done to the log as a whole.',
  access: 'Keys and tokens.',
  status: 'How the server is.',
}

/** Statuses that any operation may answer with beyond its own. */
const PROBLEM: OpenApiObject = { $ref: '#/components/responses/Problem' }

/**
 * The OpenAPI 3.1 document of an API, from the very schemas that check its requests.
 *
 * @param version of the server
 * @example
 * ```ts
 * const document = openApiOf(ROUTES, '0.1.0')
 * ```
 */
export function openApiOf(routes: readonly Route[], version: string): OpenApiObject {
  const schemas = new Schemas()
  const problem = schemas.add(problemSchema, 'output')
  const paths: Record<string, Record<string, OpenApiObject>> = {}
  const sorted = [...routes].sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1))
  for (const route of sorted) {
    const path = pathOf(route)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, schemas) }
  }
  const used = new Set(routes.map(route => route.tag))
  const known = Object.entries(TAGS).filter(([name]) => used.has(name))
  const others = [...used].filter(name => TAGS[name] === undefined).sort()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Annals',
      version,
      summary: 'An audit trail over the network.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...known.map(([name, description]) => ({ name, description })), ...others.map(name => ({ name }))],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457).',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
      schemas: schemas.all,
    },
  }
}

/** The path of a route as OpenAPI writes it: `/v1/events/{id}`. The rest of a path, `*`, is called `path`. */
export function pathOf({ path }: Pick<Route, 'path'>): string {
  return path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')
}

function operationOf(route: Route, schemas: Schemas): OpenApiObject {
  const { id, summary, tag, permission, isOpen } = route
  const parameters = [
    ...parametersOf('path', route.params, schemas),
    ...parametersOf('query', route.query, schemas),
  ]
  const body = bodyOf(route, schemas)
  const isPublic = permission === undefined
  return {
    operationId: id,
    summary,
    tags: [tag],
    security: isPublic ? [] : isOpen === undefined ? [{ bearer: [] }] : [{ bearer: [] }, {}],
    ...(isPublic ? {} : { 'x-annals-permission': permission }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, spec]) => [status, responseOf(spec, schemas)]),
      ),
      default: PROBLEM,
    },
  }
}

function parametersOf(
  place: 'path' | 'query',
  schema: z.ZodType | undefined,
  schemas: Schemas,
): readonly OpenApiObject[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemas.add(schema, 'input') as {
    properties?: Readonly<Record<string, OpenApiObject>>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: name === '*' ? 'path' : name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

function bodyOf({ body, bodySchemas, consumes }: Route, schemas: Schemas): OpenApiObject | undefined {
  if (body === undefined) return undefined
  if (body !== 'raw') {
    const required = !body.safeParse({}).success
    return { required, content: { 'application/json': { schema: schemas.add(body, 'input') } } }
  }
  const content = (consumes ?? ['*/*']).map(type => {
    const schema = bodySchemas?.[type]
    return [type, schema === undefined ? {} : { schema: schemas.add(schema, 'input') }]
  })
  return { required: true, content: Object.fromEntries(content) }
}

function responseOf({ description, schema, type }: ResponseSpec, schemas: Schemas): OpenApiObject {
  if (schema === undefined && type === undefined) return { description }
  const media = type ?? 'application/json'
  const content = { [media]: schema === undefined ? {} : { schema: schemas.add(schema, 'output') } }
  return { description, content }
}

/** JSON Schemas of a document; those with an id of their own stand once, under their name. */
class Schemas {
  readonly #named = new Map<string, OpenApiObject>()

  /** The schemas with a name, sorted. */
  get all(): OpenApiObject {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /**
   * @param io what is sent, or what is answered: they differ where a default or a transformation is
   * @throws TypeError when two schemas have one name
   */
  add(schema: z.ZodType, io: 'input' | 'output'): OpenApiObject {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
    const { $schema: _, $defs = {}, id, ...rest } = made as JsonSchema
    const place = (reference: string): string =>
      `#/components/schemas/${reference === '#' ? (id ?? '') : reference.replace('#/$defs/', '')}`
    for (const [name, one] of Object.entries($defs)) this.#name(name, moved(one, place))
    const result = moved(rest, place)
    if (id === undefined) return result
    this.#name(id, result)
    return { $ref: `#/components/schemas/${id}` }
  }

  #name(name: string, schema: OpenApiObject): void {
    const known = this.#named.get(name)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new TypeError(`openapi: two schemas are called ${name}`)
    this.#named.set(name, schema)
  }
}

interface JsonSchema extends OpenApiObject {
  readonly $schema?: string
  readonly $defs?: Readonly<Record<string, OpenApiObject>>
  readonly id?: string
}

/** A schema with its references led elsewhere. */
function moved(schema: OpenApiObject, place: (reference: string) => string): OpenApiObject {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) =>
        name === '$ref' && typeof one === 'string' ? [name, place(one)] : [name, walk(one)],
      ),
    )
  }
  const { id: _, ...rest } = walk(schema) as { id?: unknown } & OpenApiObject
  return rest
}
