import type { Draft } from '../model/index.ts'

/**
 * Turns records of another system into drafts. Pure: no I/O, no clock. An importer is one file that exports one of these, one
 * line in `index.ts`, and one call of `importerSuite` of `annals/testing`. The laws the suite checks:
 *
 * - the same record gives the same drafts, and is never changed; drafts are plain JSON and may share parts with the record;
 * - a record that is not understood throws {@link ImportReject} and nothing else, whatever it holds;
 * - nothing is lost: what has no field of its own stays in `data`, and what was altered or left out is listed in `notes`;
 * - nothing is guessed: a claim that the record does not make (a time, an actor, an address) is absent.
 *
 * @example
 * ```ts
 * const lines: Importer = { name: 'lines', summary: 'one word a record', convert: word => [{ action: `said.${word}` }] }
 * ```
 */
export interface Importer {
  /** Name on the command line. */
  readonly name: string
  /** What it reads, one line. */
  readonly summary: string
  /**
   * The drafts of one source record (one JSON value), usually one. `source` is set, and makes the import idempotent: drafts
   * of one record that share a source are told apart by their own `id`.
   *
   * @throws ImportReject when the record cannot be understood; the message says what and why
   */
  convert(record: unknown): readonly Draft[]
  /** Members of a JSON document that hold an array of records, such as `Records` of CloudTrail. @defaultValue none */
  readonly envelopes?: readonly string[]
}

/**
 * A source record that is not understood.
 *
 * @example
 * ```ts
 * throw new ImportReject('/eventTime', 'must be an ISO 8601 time, got "yesterday"')
 * ```
 */
export class ImportReject extends Error {
  override readonly name = 'ImportReject'
  /** JSON pointer into the source record. */
  readonly path: string
  /** What is wrong there: the message without the path. */
  readonly reason: string

  constructor(path: string, reason: string) {
    super(path === '' ? reason : `${path}: ${reason}`)
    this.path = path
    this.reason = reason
  }
}
