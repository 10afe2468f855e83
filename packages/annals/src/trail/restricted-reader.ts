import type { MetricReader } from '../measure/index.ts'
import { AnnalsError } from '../model/index.ts'
import type { VerifyReport } from '../verify/report.ts'
import type { LocalReader } from './local-trail.ts'
import type { ReadSide } from './read-side.ts'
import { ReadingHalf } from './reading-half.ts'
import type { ReceiptOptions, TrailReader } from './trail.ts'

/** What a restricted reader has from the trail it belongs to. */
export type WholeReader = Pick<TrailReader, 'receipt' | 'checkpoint'>

/** A trail as one with a scope may see it. Closing it ends its readers, not the trail. */
export class RestrictedReader extends ReadingHalf implements LocalReader {
  readonly #whole: WholeReader

  constructor(readSide: ReadSide, metricReader: MetricReader, whole: WholeReader) {
    super(readSide, metricReader)
    this.#whole = whole
  }

  async receipt(at: string | number, { disclose = [] }: ReceiptOptions = {}): Promise<string> {
    const index = await this.readSide.positionOf(at)
    if (disclose.length === 0) return await this.#whole.receipt(index)
    const event = await this.readSide.get(index)
    const allowed = event === undefined ? [] : this.readSide.disclosable(event)
    if (allowed === 'all') return await this.#whole.receipt(index, { disclose })
    if (disclose === 'all') return await this.#whole.receipt(index, { disclose: allowed })
    const denied = disclose.find(name => !allowed.includes(name))
    if (denied !== undefined) {
      throw new AnnalsError(
        'ANNALS_DENIED',
        `The part ${JSON.stringify(denied)} is not shown to you in full.`,
        {
          hint: 'A part is disclosed whole or not at all; ask for the others.',
        },
      )
    }
    return await this.#whole.receipt(index, { disclose })
  }

  declaresTopic(path: string): boolean {
    return this.readSide.declaresTopic(path)
  }

  checkpoint(): Promise<Uint8Array | undefined> {
    return this.#whole.checkpoint()
  }

  verify(): Promise<VerifyReport> {
    return Promise.reject(
      new AnnalsError('ANNALS_DENIED', 'A reader of a part of a log cannot verify the whole of it.', {
        hint: 'Verify receipts or an evidence bundle, or ask whoever operates the log.',
      }),
    )
  }

  async close(): Promise<void> {
    this.metricReader.close()
    this.readSide.close()
  }
}
