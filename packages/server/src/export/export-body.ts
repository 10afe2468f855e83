import { createHash } from 'node:crypto'
import type { AuditEvent } from 'annals'
import { csvRow } from 'annals/formats/csv'
import type { Json } from 'annals/model'
import type { Column } from './columns.ts'

/** How events are written. */
export type ExportForm =
  | { readonly format: 'ndjson' }
  | {
      readonly format: 'csv'
      readonly columns: readonly Column[]
      readonly header: boolean
      readonly raw: boolean
    }

/** What an export that has ended says of its body. */
export interface ExportSummary {
  readonly count: number
  /** Positions of the first and last event; absent without events. */
  readonly first?: number
  readonly last?: number
  /** Of the body up to here, hex. */
  readonly sha256: string
}

/** Characters that are sent at a time. */
const PIECE = 64 * 1024

/** Events as the body of an export, written piece by piece as they are taken. */
export class ExportBody {
  readonly #events: AsyncIterable<AuditEvent>
  readonly #form: ExportForm
  readonly #hash = createHash('sha256')
  #count = 0
  #first: number | undefined
  #last: number | undefined
  #summary: ExportSummary | undefined

  constructor(events: AsyncIterable<AuditEvent>, form: ExportForm) {
    this.#events = events
    this.#form = form
  }

  /** @throws TypeError before the end: then nobody knows what is in it */
  get summary(): ExportSummary {
    if (this.#summary === undefined) throw new TypeError('the export has not ended')
    return this.#summary
  }

  /** @param end what follows the events; not in the digest */
  async *pieces(end?: (summary: ExportSummary) => Json): AsyncGenerator<string, void, undefined> {
    let piece = this.#head()
    for await (const event of this.#events) {
      piece += this.#line(event)
      this.#count++
      this.#first ??= event.index
      this.#last = event.index
      if (piece.length < PIECE) continue
      this.#hash.update(piece)
      yield piece
      piece = ''
    }
    this.#hash.update(piece)
    this.#summary = {
      count: this.#count,
      ...(this.#first === undefined ? {} : { first: this.#first }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
      sha256: this.#hash.digest('hex'),
    }
    yield end === undefined ? piece : `${piece}${JSON.stringify(end(this.#summary))}\n`
  }

  #head(): string {
    const form = this.#form
    if (form.format !== 'csv' || !form.header) return ''
    return csvRow(
      form.columns.map(({ name }) => name),
      form,
    )
  }

  #line(event: AuditEvent): string {
    const form = this.#form
    if (form.format === 'ndjson') return `${JSON.stringify(event)}\n`
    return csvRow(
      form.columns.map(({ value }) => value(event) as object | string | undefined),
      form,
    )
  }
}
