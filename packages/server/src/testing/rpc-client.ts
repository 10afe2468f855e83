import type { AuditEvent } from 'annals/model'
import { type ClientOptions, WebSocket } from 'ws'

/** A message of the server. */
export interface RpcMessage {
  readonly jsonrpc: '2.0'
  readonly id?: string | number | null
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: Readonly<Record<string, unknown>>
  }
}

/** What a call was answered with when it was refused. */
export class RpcRefusal extends Error {
  readonly code: number
  readonly data: Readonly<Record<string, unknown>>

  constructor({ code, message, data = {} }: NonNullable<RpcMessage['error']>) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** A small client of JSON-RPC over WebSocket. */
export class RpcClient implements AsyncDisposable {
  readonly socket: WebSocket
  /** Notifications that nobody has taken. */
  readonly notifications: RpcMessage[] = []
  /** Every message that answers no call of `call`. */
  readonly answers: (RpcMessage | readonly RpcMessage[])[] = []
  /** Resolves with code and reason when the socket is closed. */
  readonly closed: Promise<readonly [code: number, reason: string]>
  readonly #calls = new Map<number, (message: RpcMessage) => void>()
  #wake: (() => void)[] = []
  #count = 0

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', data => this.#take(JSON.parse(String(data)) as RpcMessage | readonly RpcMessage[]))
    socket.on('error', () => {})
    this.closed = new Promise(resolve => {
      socket.once('close', (code, reason) => {
        resolve([code, String(reason)])
        this.#tell()
      })
    })
  }

  /** Opens a socket; rejects with the status when the server refuses. */
  static async open(
    serverUrl: string,
    token: string | null,
    { protocols = [], ...options }: ClientOptions & { readonly protocols?: readonly string[] } = {},
  ): Promise<RpcClient> {
    const url = new URL('/v1/rpc', serverUrl)
    url.protocol = 'ws:'
    const headers = { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...options.headers }
    const socket = new WebSocket(url, [...protocols], { ...options, headers })
    const client = new RpcClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('unexpected-response', (_request, response) => {
        response.resume()
        reject(new Error(`status ${response.statusCode}`))
      })
      socket.once('error', reject)
    })
    return client
  }

  /** Calls a method. @throws RpcRefusal */
  async call(method: string, params?: object): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#count
    const answered = new Promise<RpcMessage>(resolve => this.#calls.set(id, resolve))
    this.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })
    const { result, error } = await answered
    if (error !== undefined) throw new RpcRefusal(error)
    return result as Readonly<Record<string, unknown>>
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** The next notification of a subscription; undefined when the socket is closed before one comes. */
  async notification(subscription: unknown): Promise<RpcMessage | undefined> {
    for (;;) {
      const at = this.notifications.findIndex(({ params }) => params?.['subscription'] === subscription)
      if (at >= 0) return this.notifications.splice(at, 1)[0]
      if (this.socket.readyState === WebSocket.CLOSED) return undefined
      await new Promise<void>(resolve => this.#wake.push(resolve))
    }
  }

  /** The next events of a subscription, so many. */
  async events(subscription: unknown, count: number): Promise<AuditEvent[]> {
    const found: AuditEvent[] = []
    while (found.length < count) {
      const message = await this.notification(subscription)
      if (message?.method !== 'events.event') throw new Error(`no event, but ${JSON.stringify(message)}`)
      found.push(message.params?.['event'] as AuditEvent)
    }
    return found
  }

  /** Every event of a subscription up to its end. */
  async rest(subscription: unknown): Promise<{
    readonly events: readonly AuditEvent[]
    readonly end: Readonly<Record<string, unknown>> | undefined
  }> {
    const events: AuditEvent[] = []
    for (;;) {
      const message = await this.notification(subscription)
      if (message?.method !== 'events.event') return { events, end: message?.params }
      events.push(message.params?.['event'] as AuditEvent)
    }
  }

  /** The next message that answers no call: a batch, or an error without id. */
  async answer(): Promise<RpcMessage | readonly RpcMessage[] | undefined> {
    for (;;) {
      const answer = this.answers.shift()
      if (answer !== undefined) return answer
      if (this.socket.readyState === WebSocket.CLOSED) return undefined
      await new Promise<void>(resolve => this.#wake.push(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate()
    await this.closed
  }

  #take(message: RpcMessage | readonly RpcMessage[]): void {
    if ('method' in message) this.notifications.push(message)
    else {
      const call = 'id' in message ? this.#calls.get(message.id as number) : undefined
      if (call === undefined || !('id' in message)) this.answers.push(message)
      else {
        this.#calls.delete(message.id as number)
        call(message)
      }
    }
    this.#tell()
  }

  #tell(): void {
    const wake = this.#wake
    this.#wake = []
    for (const go of wake) go()
  }
}
