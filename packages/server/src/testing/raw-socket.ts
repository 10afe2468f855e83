import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection that speaks what it likes. */
export class RawSocket implements Disposable {
  readonly socket: Socket
  #text = ''

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', piece => {
      this.#text += String(piece)
    })
    // Whoever is cut off sees it by the end.
    socket.on('error', () => {})
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new RawSocket(socket)
  }

  write(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Everything that came until the other side closed. */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close')
    return this.#text
  }

  /** Waits until this has come. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (this.socket.closed) throw new Error(`the connection was closed before ${pattern}: ${this.#text}`)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    }
    return this.#text
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}
