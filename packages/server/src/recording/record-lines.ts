import type { Recorded, Refused } from 'annals'
import { AnnalsError, type Draft, type ErrorCode } from 'annals/model'
import type { Arrival, BodyEnd, BodyReader } from './body-reader.ts'
import { type Line, LineSplitter } from './lines.ts'
import type { Level } from './proofs.ts'
import { parseStrict } from './strict-json.ts'

/** Longest line, bytes: more than any event, for long texts in it are cut when it is recorded. */
export const LONGEST_LINE: number = 1024 * 1024
/** Most drafts handed over at once. */
const BATCH = 512
/** Events and bytes of one request that may wait to become durable; beyond them nothing more is read. */
const FLIGHT_EVENTS = 1_024
const FLIGHT_BYTES = 2 * 1024 * 1024

/** What became of one line. */
export type Result = Recorded | Refused

/** What became of some lines, and how safe those are that are recorded. */
export interface Results {
  readonly results: readonly Result[]
  readonly level: Level
}

/** How a stream of lines is recorded. */
export interface RecordLinesOptions {
  /** @param position of the line, from 0; blank ones do not count. @throws AnnalsError */
  take(value: unknown, position: number): Draft
  /** One answer for each, in order; resolves when they are as safe as was asked. Never rejects. */
  record(drafts: readonly Draft[]): Promise<Results>
}

interface Flight {
  readonly done: Promise<Results>
  readonly count: number
  readonly bytes: number
}

/**
 * Records NDJSON line by line, in constant memory: what has arrived is handed over at once, and while too much waits to become durable
 * nothing is read. Yields the results in the order of the lines, as soon as they are durable; a line that is no draft is one refused
 * result, and the others arrive. Returns why it ended before the client did, if so.
 *
 * What was read is recorded also when the client goes: it then waits for it, for nobody.
 */
export async function* recordLines(
  body: BodyReader,
  options: RecordLinesOptions,
): AsyncGenerator<Results, BodyEnd | undefined, undefined> {
  const lines = new LineSplitter(LONGEST_LINE)
  const flights: Flight[] = []
  let count = 0
  let bytes = 0
  let position = 0
  const handOver = (arrived: readonly Line[]): void => {
    for (let from = 0; from < arrived.length; from += BATCH) {
      const batch = arrived.slice(from, from + BATCH)
      const flight = recordBatch(batch, position, options)
      position += batch.length
      count += flight.count
      bytes += flight.bytes
      flights.push(flight)
    }
  }
  let arriving: Promise<Arrival> | undefined = body.next()
  let ended: BodyEnd | undefined
  try {
    while (arriving !== undefined || flights.length > 0) {
      const isFull = count >= FLIGHT_EVENTS || bytes >= FLIGHT_BYTES
      const oldest = flights[0]
      const happened =
        arriving === undefined || (isFull && oldest !== undefined)
          ? await (oldest as Flight).done
          : await Promise.race(oldest === undefined ? [arriving] : [arriving, oldest.done])
      if (!('kind' in happened)) {
        flights.shift()
        count -= oldest?.count ?? 0
        bytes -= oldest?.bytes ?? 0
        yield happened
        continue
      }
      arriving = undefined
      if (happened.kind === 'chunk') {
        handOver(lines.push(happened.bytes))
        arriving = body.next()
      } else if (happened.kind === 'whole') handOver(lines.end())
      else if (happened.kind === 'ended') ended = happened.reason
    }
    return ended
  } finally {
    // Nobody waits for answers any more; what has arrived is recorded all the same.
    void arriving?.then(late => {
      if (late.kind === 'chunk') handOver(lines.push(late.bytes))
    })
    body.close()
  }
}

function recordBatch(lines: readonly Line[], position: number, options: RecordLinesOptions): Flight {
  const results: Result[] = new Array(lines.length)
  const drafts: Draft[] = []
  const slots: number[] = []
  let bytes = 0
  for (const [at, line] of lines.entries()) {
    try {
      const draft = options.take(parseLine(line), position + at)
      slots.push(at)
      drafts.push(draft)
      bytes += typeof line === 'string' ? line.length : 0
    } catch (error) {
      if (!(error instanceof AnnalsError)) throw error
      results[at] = { error }
    }
  }
  if (drafts.length === 0)
    return { done: Promise.resolve({ results, level: 'stored' }), count: lines.length, bytes }
  const done = options.record(drafts).then(({ results: answers, level }) => {
    for (const [nth, slot] of slots.entries()) results[slot] = answers[nth] as Result
    return { results, level }
  })
  return { done, count: lines.length, bytes }
}

function parseLine(line: Line): unknown {
  if (typeof line === 'string') return parseStrict(line)
  const [code, message]: [ErrorCode, string] =
    line.fault === 'too long'
      ? ['ANNALS_LIMIT', `The line is longer than ${LONGEST_LINE} bytes.`]
      : ['ANNALS_INVALID', 'The line is not UTF-8.']
  throw new AnnalsError(code, message, { path: '' })
}
