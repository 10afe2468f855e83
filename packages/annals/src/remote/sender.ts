import type { AnnalsError } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'
import type { Carrier, Line, Retry } from '../record/spool/carrier.ts'
import type { HttpClient } from './http-client.ts'
import { withoutTime } from './prepare.ts'
import { isObject, isTransient, notUnderstood, RemoteError, refusalOf } from './remote-error.ts'

/** What the server says of one line: recorded, refused, or nothing, for it ended before. */
export type SentResult = Recorded | Refused

/** Sends lines to be recorded. */
export class Sender implements Carrier {
  readonly #client: HttpClient
  readonly #timeoutMs: number

  /** @param timeoutMs longest wait for the answer to begin, milliseconds */
  constructor(client: HttpClient, timeoutMs: number) {
    this.#client = client
    this.#timeoutMs = timeoutMs
  }

  /**
   * Sends lines in order and once. What the server did not get to has a transient RemoteError as its result.
   *
   * @throws RemoteError when there is no answer: then nothing is known about any of them
   */
  async carry(lines: readonly Line[]): Promise<readonly SentResult[]> {
    const results = await this.#post(lines.map(({ line }) => line))
    const again = lines.flatMap(({ line, timeless }, at) =>
      timeless && isConflict(results[at]) ? [{ at, line: withoutTime(line) }] : [],
    )
    if (again.length === 0) return results
    // The producer gave a key and no time, so the times may differ: the rest decides.
    const answers = await this.#post(again.map(({ line }) => line))
    const whole = [...results]
    for (const [nth, { at }] of again.entries()) whole[at] = answers[nth] as SentResult
    return whole
  }

  /** Nobody waits for what is spooled, so a time that is up means nothing there. */
  retry(error: AnnalsError): Retry | undefined {
    if (!isTransient(error) && error.code !== 'ANNALS_TIMEOUT') return undefined
    return { afterMs: error instanceof RemoteError ? error.retryAfterMs : undefined }
  }

  async #post(lines: readonly string[]): Promise<readonly SentResult[]> {
    const text = await this.#client.ask(
      {
        path: '/v1/events',
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', Accept: 'application/x-ndjson' },
        body: `${lines.join('\n')}\n`,
        timeoutMs: this.#timeoutMs,
      },
      answer => answer.text(),
    )
    return readResults(text, lines.length)
  }
}

function readResults(text: string, count: number): readonly SentResult[] {
  const results: SentResult[] = []
  for (const line of text.split('\n')) {
    if (line === '') continue
    const value = parse(line)
    if ('counts' in value) break
    results.push('error' in value ? { error: refusalOf(value['error']) } : recordedOf(value))
  }
  if (results.length > count) throw notUnderstood(`it has ${results.length} results for ${count} events`)
  while (results.length < count) results.push({ error: unanswered() })
  return results
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line)
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw notUnderstood('a line of it is no JSON object')
}

function recordedOf({ id, index, level, duplicate, paused }: Readonly<Record<string, unknown>>): Recorded {
  if (typeof id !== 'string' || typeof index !== 'number' || typeof level !== 'string')
    throw notUnderstood('a result has no id, index and level')
  return {
    id,
    index,
    level: level as Recorded['level'],
    ...(duplicate === true ? { duplicate } : {}),
    ...(paused === true ? { paused } : {}),
  }
}

function isConflict(result: SentResult | undefined): boolean {
  return result !== undefined && 'error' in result && result.error.code === 'ANNALS_CONFLICT'
}

function unanswered(): RemoteError {
  return new RemoteError('ANNALS_STORE', 'The server stopped before it came to this event.', {
    transient: true,
  })
}
