import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WRITE_BYTES } from '../delivery.ts'

/** Sends on a socket, and notices when the client does not take what was sent. */
export class Outbox {
  readonly #socket: WebSocket
  readonly #wire: Duplex
  readonly #slowMs: number
  readonly #onSlow: () => void
  readonly #onDrained = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param wire what the socket writes to
   * @param slowMs milliseconds in which a client must take what was sent
   */
  constructor(socket: WebSocket, wire: Duplex, slowMs: number, onSlow: () => void) {
    this.#socket = socket
    this.#wire = wire
    this.#slowMs = slowMs
    this.#onSlow = onSlow
  }

  /** Whether the client has yet to take what was sent. */
  get full(): boolean {
    return this.#timer !== undefined
  }

  /** Sends messages in one write. */
  send(...texts: readonly string[]): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#wire.cork()
    const last = texts.length - 1
    for (const [nth, text] of texts.entries())
      this.#socket.send(text, nth === last ? () => this.#written() : undefined)
    this.#wire.uncork()
    if (this.#socket.bufferedAmount > WRITE_BYTES)
      this.#timer ??= setTimeout(() => this.#onSlow(), this.#slowMs)
  }

  /** Calls `listener` whenever the client has taken what was sent, until the returned function is called. */
  onDrained(listener: () => void): () => void {
    this.#onDrained.add(listener)
    return () => this.#onDrained.delete(listener)
  }

  /** Ends the watch over the client. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #written(): void {
    if (!this.full || this.#socket.bufferedAmount > WRITE_BYTES) return
    this.close()
    for (const listener of this.#onDrained) listener()
  }
}
