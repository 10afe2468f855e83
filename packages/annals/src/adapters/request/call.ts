/** What is called, as a policy sees it: the template of a route, never the path that a client sent. */
export interface Call {
  /** HTTP method, in capitals. */
  readonly method?: string | undefined
  /** Route template such as `/v1/machine/{id}/free`; undefined when no route was found. */
  readonly route?: string | undefined
  /** Full name of a gRPC service. */
  readonly service?: string | undefined
  /** gRPC method. */
  readonly rpc?: string | undefined
}

/** What the transport knows of who calls. */
export interface Caller {
  /** Address of the other end of the connection. */
  readonly peer: string | undefined
  /** The value of a header, by its name in lower case; of a repeated one all values, joined by commas. */
  header(name: string): string | undefined
}

/** What a request or its answer holds, as far as it was kept. */
export interface Content {
  readonly phase: 'attempt' | 'outcome'
  /** Path as the client sent it, where no route is known. */
  readonly path?: string | undefined
  /** Members of the query string. */
  readonly query?: Readonly<Record<string, unknown>> | undefined
  /** Headers that the options name. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body: JSON as what it says, other text as it is. Of what is too long or no text only its size and type are kept. */
  readonly body?: unknown
  /** Of streams how many messages went each way. */
  readonly messages?: { readonly received: number; readonly sent: number } | undefined
}

/** Route template of a path pattern with `:name` and `*name`, as Express and Fastify write them: `/machine/:id` is `/machine/{id}`. */
export function templateOf(pattern: string): string {
  return pattern
    .replace(/[:*]"([^"]+)"/g, '{$1}')
    .replace(/:([A-Za-z_$][\w$]*)(?:\([^)]*\))?/g, '{$1}')
    .replace(/\*([A-Za-z_$][\w$]*)/g, '{$1}')
    .replace(/\/\*(?=$|\/)/g, '/{*}')
}
