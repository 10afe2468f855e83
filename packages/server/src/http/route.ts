import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { LocalReader } from 'annals'
import type { z } from 'zod'
import type { Permission } from '../access/permission.ts'
import type { Principal } from '../access/principal.ts'
import type { ServerContext } from '../context.ts'
import type { Settings } from '../settings/settings.ts'

/** What a route answers. */
export type Reply =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      /** Sent as JSON. */
      readonly json: unknown
      /** @defaultValue application/json */
      readonly type?: string
    }
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly type: string
      readonly bytes: string | Uint8Array
    }
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly type: string
      /** Sent piece by piece as the client takes them; ended when the client goes. */
      readonly stream: AsyncIterable<string | Uint8Array>
      /** HTTP trailers, made when the stream has ended. */
      readonly trailers?: Readonly<Record<string, () => string>>
    }
  | {
      /**
       * Answers by itself, for as long as it takes: live streams, which write several events at a time and know whether they are
       * taken. The reader of the call stays open until it resolves.
       *
       * @param headers what every answer has
       */
      takeOver(response: ServerResponse, headers: OutgoingHttpHeaders): Promise<void>
    }

/** One request, checked. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Names the request in answers, logs and errors. */
  readonly id: string
  /** Who asks. Routes without permission have nobody. */
  readonly principal: Principal
  /** The trail as the principal may see it: the only way to events. Ends with the call. */
  readonly reader: LocalReader
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal
  /** Address of the client, by the trusted proxies. */
  readonly ip: string
  /** The body as it comes, for routes with `body: 'raw'`. */
  readonly raw: AsyncIterable<Uint8Array>
}

/** How a route reads its body: parsed JSON by a schema, or the bytes as they come. */
export type BodySpec = z.ZodType | 'raw' | undefined

/** A response as OpenAPI tells it. */
export interface ResponseSpec {
  readonly description: string
  /** Schema of the JSON, or the media type of something else. */
  readonly schema?: z.ZodType
  readonly type?: string
}

/** One operation of the API: how it is asked, who may, what it answers. The same schemas check requests and make OpenAPI. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends BodySpec = BodySpec,
> {
  /** operationId of OpenAPI. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Fastify's form: `/v1/events/:id`. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  /** What it takes, `any` of who is signed in; absent, everyone may. */
  readonly permission?: Permission | 'any'
  /** Whether settings open it to everyone all the same. */
  isOpen?(settings: Settings): boolean
  /** Value of `Authorization` for clients that cannot send this header. */
  authorization?(headers: IncomingHttpHeaders): string | undefined
  readonly params?: Params
  /** Strict: unknown parameters are refused. Absent: none are taken. */
  readonly query?: Query
  readonly body?: Body
  /** Schemas of raw bodies by media type, for OpenAPI alone. */
  readonly bodySchemas?: Readonly<Record<string, z.ZodType>>
  /** Media types of a raw body. */
  readonly consumes?: readonly string[]
  /** Largest body, bytes. @defaultValue the setting `limits.body` */
  readonly bodyLimit?: number
  readonly responses: Readonly<Record<number, ResponseSpec>>
  handle(
    call: Call<z.output<Params>, z.output<Query>, Body extends z.ZodType ? z.output<Body> : undefined>,
    context: ServerContext,
  ): Promise<Reply>
}

/**
 * Gives a route its types. Adding one is one file, and one line in routes/index.ts.
 *
 * @example
 * ```ts
 * export const health = defineRoute({ id: 'health', method: 'GET', path: '/healthz', summary: 'Is the process alive?', tag: 'status',
 *   responses: { 200: { description: 'It is.' } }, handle: async () => ({ json: { status: 'ok' } }) })
 * ```
 */
export function defineRoute<
  Params extends z.ZodType = z.ZodType<Record<string, never>>,
  Query extends z.ZodType = z.ZodType<Record<string, never>>,
  const Body extends BodySpec = undefined,
>(route: Route<Params, Query, Body>): Route {
  return route as unknown as Route
}
