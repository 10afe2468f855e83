import type { ServerResponse } from 'node:http'
import type { AuditEvent } from 'annals/model'
import { type Outlet, WRITE_BYTES } from '../delivery.ts'
import { eventMessage } from './message.ts'

/** Writes events to a response, and notices when the client does not take them. */
export class SseOutlet implements Outlet {
  readonly #response: ServerResponse
  readonly #slowMs: number
  readonly #onSlow: () => void
  #timer: NodeJS.Timeout | undefined
  /** Written since it was asked last. */
  #wrote = false

  /**
   * @param slowMs milliseconds in which a client must take what was sent
   * @param onDrained called when it has
   * @param onSlow called when it has not
   */
  constructor(
    response: ServerResponse,
    slowMs: number,
    { onDrained, onSlow }: { readonly onDrained: () => void; readonly onSlow: () => void },
  ) {
    this.#response = response
    this.#slowMs = slowMs
    this.#onSlow = onSlow
    response.on('drain', () => {
      this.close()
      onDrained()
    })
  }

  get full(): boolean {
    return this.#timer !== undefined
  }

  /** Whether nothing was written since the last call. */
  takeIdle(): boolean {
    const idle = !this.#wrote
    this.#wrote = false
    return idle
  }

  send(events: readonly AuditEvent[], from: number): number {
    let text = ''
    let at = from
    while (at < events.length && text.length < WRITE_BYTES) text += eventMessage(events[at++] as AuditEvent)
    this.write(text)
    return at - from
  }

  write(text: string): void {
    if (this.#response.destroyed) return
    this.#wrote = true
    if (!this.#response.write(text)) this.#timer ??= setTimeout(this.#onSlow, this.#slowMs)
  }

  /** Ends the watch over the client. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
