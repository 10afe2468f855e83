import { createHash } from 'node:crypto'
import { AnnalsError, type Draft, type ErrorCode } from '../model/index.ts'
import type { Recorded, Refused } from '../record/recorded.ts'
import { type Importer, ImportReject } from './importer.ts'
import { readRecords } from './read-records.ts'

/** Where drafts go: a trail, local or remote. */
export interface ImportTarget {
  recordAll(drafts: readonly Draft[]): Promise<readonly (Recorded | Refused)[]>
}

/** How far an import is. */
export interface ImportCounts {
  /** Source records met, understood or not. */
  readonly read: number
  /** Events that this run recorded. */
  readonly recorded: number
  /** Events that had been recorded by an earlier run, or earlier in this one. */
  readonly duplicates: number
  /** Source records of which something could not be recorded; each was reported once to `onReject`. */
  readonly rejected: number
}

/** A source record that was not imported, or not whole. */
export interface Rejected {
  /** Line of the input on which it begins, from 1. */
  readonly line: number
  readonly reason: string
}

/** Options of {@link importRecords}. */
export interface ImportOptions {
  /** Called after each batch. */
  readonly onProgress?: ((counts: ImportCounts) => void) | undefined
  readonly onReject?: ((rejected: Rejected) => void) | undefined
  /** Most drafts handed over at once. A batch also ends at 4 MiB of source text. @defaultValue 1000 */
  readonly batch?: number | undefined
  /** Longest JSON text of one record, in bytes. @defaultValue 8388608 */
  readonly maxRecordBytes?: number | undefined
  /** How long in a row an overloaded target is tried again, in milliseconds. @defaultValue 60000 */
  readonly patienceMs?: number | undefined
  /** Waits that many milliseconds between tries. @defaultValue setTimeout */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined
}

const BATCH_BYTES = 4 * 1024 * 1024
const FIRST_WAIT_MS = 10
const LONGEST_WAIT_MS = 1000

/** Refusals that are the record's own fault: the others arrive all the same. */
const RECORD_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ANNALS_INVALID',
  'ANNALS_UNKNOWN_ACTION',
  'ANNALS_RETIRED',
  'ANNALS_LIMIT',
  'ANNALS_CONFLICT',
])

/** A draft that waits for its batch, or a reject that waits for its turn to be reported. */
interface Waiting {
  readonly line: number
  /** Number of the source record, so that a record of several drafts is rejected once. */
  readonly record: number
  readonly work: Draft | string
}

/**
 * Imports a byte stream of source records: reads, converts, and records in batches, in the order of the input and in bounded
 * memory. A record that cannot be read, converted or recorded is one reject; the others arrive. The source of a draft, or its
 * `id`, is its idempotency key, and failing both its line and content, so that a second run records nothing twice. What an overloaded target
 * refuses is handed over again, after a wait that doubles from 10 ms to 1 s, before anything that comes later.
 *
 * @throws AnnalsError of the target when it fails in another way, or stays overloaded for `patienceMs`; what was recorded
 * stays, and the import can be run again from its start
 * @throws TypeError when `batch` is no positive integer
 * @example
 * ```ts
 * const { recorded, rejected } = await importRecords(trail, cloudtrail, createReadStream('trail.ndjson'), {
 *   onReject: ({ line, reason }) => console.error(`line ${line}: ${reason}`),
 * })
 * ```
 */
export async function importRecords(
  target: ImportTarget,
  importer: Importer,
  input: AsyncIterable<Uint8Array>,
  options: ImportOptions = {},
): Promise<ImportCounts> {
  const batch = options.batch ?? 1000
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new TypeError(`batch: must be a positive integer, got ${batch}`)
  const counts = { read: 0, recorded: 0, duplicates: 0, rejected: 0 }
  let lastRejected = 0
  let waiting: Waiting[] = []
  let waitingBytes = 0

  const reject = (record: number, line: number, reason: string): void => {
    // Results come in the order of records, so that the second draft of a record follows the first.
    if (record === lastRejected) return
    lastRejected = record
    counts.rejected += 1
    options.onReject?.({ line, reason })
  }
  const flush = async (): Promise<void> => {
    const sent = waiting
    waiting = []
    waitingBytes = 0
    const results = await recordPatiently(target, sent.map(({ work }) => work).filter(isDraft), options)
    let next = 0
    for (const { record, line, work } of sent) {
      const result = isDraft(work) ? (results[next++] as Recorded | Refused) : work
      if (typeof result === 'string') reject(record, line, result)
      else if ('error' in result) reject(record, line, result.error.message)
      else if (result.paused === true) reject(record, line, 'recording of its tenant or project is paused')
      else if (result.duplicate === true) counts.duplicates += 1
      else counts.recorded += 1
    }
    options.onProgress?.({ ...counts })
  }

  const records = readRecords(input, {
    envelopes: importer.envelopes,
    maxRecordBytes: options.maxRecordBytes,
  })
  for await (const found of records) {
    counts.read += 1
    const converted =
      'reason' in found ? found.reason : convert(importer, found.record, found.line, found.textNumbers)
    for (const work of typeof converted === 'string' ? [converted] : converted) {
      waiting.push({ line: found.line, record: counts.read, work })
      if (waiting.length >= batch) await flush()
    }
    waitingBytes += 'bytes' in found ? found.bytes : 0
    if (waitingBytes >= BATCH_BYTES && waiting.length > 0) await flush()
  }
  await flush()
  return counts
}

function isDraft(work: Draft | string): work is Draft {
  return typeof work !== 'string'
}

function convert(
  importer: Importer,
  record: unknown,
  line: number,
  textNumbers: readonly string[] = [],
): readonly Draft[] | string {
  try {
    return importer.convert(record).map((draft, nth) => keyed(noted(draft, textNumbers), line, nth))
  } catch (error) {
    if (error instanceof ImportReject) return error.message
    throw error
  }
}

/** A draft that names neither id nor source is known again by its line and content. */
function keyed(draft: Draft, line: number, nth: number): Draft {
  if (draft.id !== undefined || draft.source !== undefined) return draft
  const digest = createHash('sha256').update(JSON.stringify(draft)).digest('base64url')
  return { ...draft, id: `line:${line}.${nth}:${digest}` }
}

function noted(draft: Draft, textNumbers: readonly string[]): Draft {
  if (textNumbers.length === 0) return draft
  const places =
    textNumbers.length > 8 ? [...textNumbers.slice(0, 8), `and ${textNumbers.length - 8} more`] : textNumbers
  const reason = `numbers of the source record that a double cannot hold are kept as text: ${places.join(', ')}`
  return { ...draft, notes: [...(draft.notes ?? []), { path: '/data', reason: reason.slice(0, 500) }] }
}

/** One result for each draft; throws what is not a fault of the drafts. */
async function recordPatiently(
  target: ImportTarget,
  sent: readonly Draft[],
  options: ImportOptions,
): Promise<(Recorded | Refused)[]> {
  const patience = options.patienceMs ?? 60_000
  const wait =
    options.wait ?? (milliseconds => new Promise<void>(resolve => setTimeout(resolve, milliseconds)))
  const results: (Recorded | Refused)[] = new Array(sent.length)
  let open = sent.map((_, at) => at)
  let pause = FIRST_WAIT_MS
  let waited = 0
  while (open.length > 0) {
    const answers = await answersOf(
      target,
      open.map(at => sent[at] as Draft),
    )
    const overloaded: number[] = []
    let overload: AnnalsError | undefined
    for (const [nth, at] of open.entries()) {
      const answer = answers[nth]
      if (answer === undefined)
        throw new AnnalsError(
          'ANNALS_STORE',
          `the target answered ${answers.length} of ${open.length} drafts`,
        )
      if ('error' in answer && answer.error.code === 'ANNALS_OVERLOADED') {
        overloaded.push(at)
        overload = answer.error
      } else if ('error' in answer && !RECORD_FAULTS.has(answer.error.code)) throw answer.error
      else results[at] = answer
    }
    if (overload !== undefined) {
      if (waited >= patience) throw overload
      // Some went through: the target is moving, and patience begins anew.
      if (overloaded.length < open.length) [pause, waited] = [FIRST_WAIT_MS, 0]
      await wait(pause)
      waited += pause
      pause = Math.min(pause * 2, LONGEST_WAIT_MS)
    }
    open = overloaded
  }
  return results
}

async function answersOf(
  target: ImportTarget,
  drafts: readonly Draft[],
): Promise<readonly (Recorded | Refused)[]> {
  try {
    return await target.recordAll(drafts)
  } catch (error) {
    if (error instanceof AnnalsError && error.code === 'ANNALS_OVERLOADED')
      return drafts.map(() => ({ error }))
    throw error
  }
}
