import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { EndReason } from '../end-reason.ts'
import { type CallSetting, handleMessage } from './calls.ts'
import { Outbox } from './outbox.ts'
import { Session } from './session.ts'

/** Calls of one socket that run at a time; until one has ended, nothing more is read. */
const MOST_RUNNING = 8
/** Signs of life that a socket may leave out. */
const MOST_SILENT = 2

/** Codes that a socket is closed with (RFC 6455, section 7.4.1). */
const CLOSE_CODES: Readonly<Partial<Record<EndReason | 'idle' | 'binary', number>>> = {
  idle: 1000,
  stopping: 1001,
  binary: 1003,
  expired: 1008,
  revoked: 1008,
  slow: 1013,
}

/** One socket: takes calls, sends what was subscribed to, ends with everything that belongs to it. */
export class Connection {
  readonly #socket: WebSocket
  readonly #outbox: Outbox
  readonly #session: Session
  readonly #setting: CallSetting
  readonly #idleMs: number
  readonly #heart: NodeJS.Timeout
  #running = 0
  #silent = 0
  #calledAt = Date.now()
  #isEnding = false

  /** Resolves with the code that it was closed with, when nothing of it is left. */
  readonly closed: Promise<number>

  constructor(socket: WebSocket, wire: Duplex, setting: Omit<CallSetting, 'session' | 'outbox'>) {
    const { heartbeatSeconds, idleSeconds, slowSeconds, subscriptions } = setting.context.settings.live
    this.#socket = socket
    this.#idleMs = idleSeconds * 1_000
    this.#outbox = new Outbox(socket, wire, slowSeconds * 1_000, () => this.end('slow'))
    this.#session = new Session(subscriptions)
    this.#setting = { ...setting, session: this.#session, outbox: this.#outbox }
    this.#outbox.onDrained(() => this.#readOn())
    socket.on('message', (data, isBinary) => this.#take(data, isBinary))
    socket.on('pong', () => {
      this.#silent = 0
    })
    // What a client does wrong ends its socket, which `close` tells of.
    socket.on('error', () => {})
    this.#heart = setInterval(() => this.#beat(), heartbeatSeconds * 1_000)
    this.closed = new Promise(resolve => {
      socket.once('close', code => resolve(this.#clear(code)))
    })
  }

  /** Ends every subscription, which says so, then the socket. */
  end(reason: EndReason | 'idle' | 'binary'): void {
    if (this.#isEnding) return
    this.#isEnding = true
    const ended = this.#session.end(reason === 'idle' || reason === 'binary' ? 'cancelled' : reason)
    ended.then(() => this.#socket.close(CLOSE_CODES[reason] ?? 1000, reason)).catch(() => {})
  }

  async #clear(code: number): Promise<number> {
    this.#isEnding = true
    clearInterval(this.#heart)
    this.#outbox.close()
    await this.#session.end('cancelled')
    return code
  }

  #take(data: RawData, isBinary: boolean): void {
    this.#silent = 0
    if (this.#isEnding) return
    if (isBinary) {
      this.end('binary')
      return
    }
    if (++this.#running >= MOST_RUNNING) this.#socket.pause()
    handleMessage(data.toString(), this.#setting)
      .then(({ answer, after }) => {
        if (answer !== undefined) this.#outbox.send(answer)
        for (const step of after) step()
      })
      .catch(() => this.#socket.terminate())
      .finally(() => {
        this.#running--
        this.#calledAt = Date.now()
        this.#readOn()
      })
      .catch(() => {})
  }

  /** Reads on, or not: what is not read, the client cannot send. */
  #readOn(): void {
    if (this.#running >= MOST_RUNNING || this.#outbox.full) this.#socket.pause()
    else this.#socket.resume()
  }

  #beat(): void {
    // Whoever is not listened to cannot answer; and one that does not take what was sent is slow before it is gone.
    if (this.#socket.isPaused || this.#outbox.full) return
    if (++this.#silent > MOST_SILENT) this.#socket.terminate()
    else if (this.#running === 0 && this.#session.size === 0 && Date.now() - this.#calledAt > this.#idleMs)
      this.end('idle')
    else this.#socket.ping()
  }
}
