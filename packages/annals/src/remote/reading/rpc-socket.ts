import { AnnalsError, ERROR_CODES, type ErrorCode } from '../../model/index.ts'
import type { HttpClient } from '../http-client.ts'
import { isObject, RemoteError, unreachable } from '../remote-error.ts'

/** A notification of the server. */
export interface Notification {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

type Answer = Readonly<Record<string, unknown>>

/** Longest wait for the socket, or for an answer, milliseconds. */
const TIMEOUT_MS = 30_000

/** A socket that speaks JSON-RPC 2.0 with the server (`spec/rpc-v1.md`), by the global WebSocket. Disposing closes it. */
export class RpcSocket implements Disposable {
  readonly #socket: WebSocket
  readonly #calls = new Map<number, { resolve(answer: Answer): void; reject(error: unknown): void }>()
  #count = 0
  #notifications: Notification[] = []
  #ended: RemoteError | undefined
  #wake: (() => void) | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => this.#take(String(data)))
    socket.addEventListener('close', ({ code, reason }) => this.#end(`${code} ${reason}`))
  }

  /** @throws RemoteError when there is no connection */
  static async open(client: HttpClient): Promise<RpcSocket> {
    const url = client.address('/v1/rpc')
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const token = await client.token()
    return await new Promise((resolve, reject) => {
      let socket: WebSocket
      try {
        socket = new WebSocket(url, ['annals.v1', `bearer.${token}`])
      } catch (cause) {
        reject(
          new RemoteError('ANNALS_UNSUPPORTED', 'This token cannot be sent over a WebSocket.', {
            cause,
            transient: false,
            hint: 'Metrics need an API key or a JWT.',
          }),
        )
        return
      }
      const timer = setTimeout(() => socket.close(), TIMEOUT_MS)
      socket.addEventListener('open', () => {
        clearTimeout(timer)
        resolve(new RpcSocket(socket))
      })
      socket.addEventListener('error', event => {
        clearTimeout(timer)
        // A refused handshake tells a WebSocket no reason; asking over HTTP would.
        reject(unreachable(event))
      })
    })
  }

  /** Calls a method. @throws AnnalsError as the server says */
  call(method: string, params: object): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const id = ++this.#count
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(id)
        reject(unreachable(new Error(`no answer within ${TIMEOUT_MS} ms`)))
      }, TIMEOUT_MS)
      this.#calls.set(id, {
        resolve(answer) {
          clearTimeout(timer)
          resolve(answer)
        },
        reject(error) {
          clearTimeout(timer)
          reject(error)
        },
      })
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** The next notification. @throws RemoteError when the socket ends */
  async next(): Promise<Notification> {
    for (;;) {
      const notification = this.#notifications.shift()
      if (notification !== undefined) return notification
      if (this.#ended !== undefined) throw this.#ended
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close()
    this.#end('closed')
  }

  #take(text: string): void {
    const message: unknown = JSON.parse(text)
    if (!isObject(message)) return
    const { id, method, params, result, error } = message
    if (typeof method === 'string' && isObject(params)) {
      this.#notifications.push({ method, params })
      this.#wake?.()
      return
    }
    const call = this.#calls.get(Number(id))
    this.#calls.delete(Number(id))
    if (isObject(error)) call?.reject(errorOf(error))
    else call?.resolve(isObject(result) ? result : {})
  }

  #end(why: string): void {
    this.#ended ??= new RemoteError('ANNALS_STORE', `The connection ended: ${why}.`, { transient: true })
    for (const { reject } of this.#calls.values()) reject(this.#ended)
    this.#calls.clear()
    this.#wake?.()
  }
}

function errorOf({ message, data }: Answer): AnnalsError {
  const facts = isObject(data) ? data : {}
  const { code, path, hint } = facts
  const known =
    typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ANNALS_STORE'
  return new AnnalsError(known, typeof message === 'string' ? message : 'The server refused.', {
    ...(typeof path === 'string' ? { path } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
  })
}
