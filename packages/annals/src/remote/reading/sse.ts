import { notUnderstood } from '../remote-error.ts'

/** A message of an event stream, or a comment. */
export interface SseMessage {
  readonly event: string
  readonly data: string
  /** Only of this message: the ids of others do not carry over. */
  readonly id: string | undefined
  /** A comment, without its colon; then there is nothing else. */
  readonly comment: string | undefined
}

/** Longest line, UTF-16 units: far more than an event. */
const LONGEST_LINE = 16 * 1024 * 1024

/** Reads Server-Sent Events (WHATWG HTML, section 9.2) piece by piece. What is cut off at the end is no message. */
export class SseParser {
  #rest = ''
  #event = ''
  #data: string[] = []
  #id: string | undefined

  /** The messages that end in this piece. @throws RemoteError for a line without end */
  push(piece: string): SseMessage[] {
    const found: SseMessage[] = []
    const text = this.#rest + piece
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#take(text.slice(from, text.charCodeAt(end - 1) === 13 ? end - 1 : end), found)
      from = end + 1
    }
    this.#rest = text.slice(from)
    if (this.#rest.length > LONGEST_LINE) throw notUnderstood('a line of the stream does not end')
    return found
  }

  #take(line: string, found: SseMessage[]): void {
    if (line === '') {
      if (this.#data.length > 0)
        found.push({ event: this.#event, data: this.#data.join('\n'), id: this.#id, comment: undefined })
      this.#event = ''
      this.#data = []
      this.#id = undefined
      return
    }
    if (line.startsWith(':')) {
      found.push({ event: '', data: '', id: undefined, comment: line.slice(1).trim() })
      return
    }
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'event') this.#event = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id') this.#id = value
  }
}
