import type { AuditEvent } from 'annals/model'

/** One block of an event stream. */
export interface SseMessage {
  /** Name; `message` when it has none, `comment` for comments. */
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** A small client of Server-Sent Events over fetch. */
export class SseClient implements AsyncDisposable {
  readonly response: Response
  readonly #abort: AbortController
  readonly #messages: AsyncGenerator<SseMessage, undefined>

  private constructor(response: Response, abort: AbortController) {
    this.response = response
    this.#abort = abort
    this.#messages = read(response)
  }

  static async open(
    url: string | URL,
    token: string,
    headers: Record<string, string> = {},
  ): Promise<SseClient> {
    const abort = new AbortController()
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream', ...headers },
      signal: abort.signal,
    })
    return new SseClient(response, abort)
  }

  /** The next message; undefined when the stream has ended. */
  async next(): Promise<SseMessage | undefined> {
    return (await this.#messages.next()).value
  }

  /** The next message of this name. */
  async named(name: string): Promise<SseMessage> {
    for (;;) {
      const message = await this.next()
      if (message === undefined) throw new Error(`the stream ended before "${name}"`)
      if (message.event === name) return message
    }
  }

  /** The next events, so many. */
  async events(count: number): Promise<AuditEvent[]> {
    const found: AuditEvent[] = []
    while (found.length < count) found.push(JSON.parse((await this.named('message')).data) as AuditEvent)
    return found
  }

  /** Everything up to the end of the stream. */
  async rest(): Promise<{
    readonly events: readonly AuditEvent[]
    readonly end: Readonly<Record<string, unknown>> | undefined
  }> {
    const events: AuditEvent[] = []
    let end: Readonly<Record<string, unknown>> | undefined
    for (let message = await this.next(); message !== undefined; message = await this.next()) {
      if (message.event === 'message') events.push(JSON.parse(message.data) as AuditEvent)
      if (message.event === 'end') end = JSON.parse(message.data) as Readonly<Record<string, unknown>>
    }
    return { events, end }
  }

  /** Goes away without a word. */
  close(): void {
    this.#abort.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }
}

async function* read(response: Response): AsyncGenerator<SseMessage, undefined> {
  let text = ''
  for await (const piece of (response.body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield parse(text.slice(0, end))
      text = text.slice(end + 2)
    }
  }
  return undefined
}

/** Every complete message of a text. */
export function parseMessages(text: string): SseMessage[] {
  return text.split('\n\n').slice(0, -1).map(parse)
}

function parse(block: string): SseMessage {
  const fields = new Map<string, string>()
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''))
  }
  const comment = fields.get('')
  return comment === undefined
    ? { event: fields.get('event') ?? 'message', id: fields.get('id'), data: fields.get('data') ?? '' }
    : { event: 'comment', id: undefined, data: comment }
}
