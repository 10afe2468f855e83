import type { Catalog } from '../catalog/index.ts'
import { PolledSource } from '../follow/polled-source.ts'
import type { ReadableStore } from '../log/readable-store.ts'
import type { Meter } from '../measure/index.ts'
import { AnnalsError } from '../model/index.ts'
import type { VerifyOptions, VerifyReport } from '../verify/report.ts'
import { meterOfReader } from './open-meter.ts'
import { openCatalog, ReadSide, statedCatalog } from './read-side.ts'
import { ReadingHalf } from './reading-half.ts'
import { makeReceipt } from './receipt.ts'
import type { ReceiptOptions, TrailReader } from './trail.ts'
import { verifyStore } from './verify-store.ts'

/**
 * Opens a directory for reading, beside a writer or without one. Nothing in it is changed.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when it holds no log
 * @example
 * ```ts
 * await using reader = await openReader({ dir: './annals-data' })
 * const { events } = await reader.find('outcome:denied')
 * ```
 */
export async function openReader(options: { readonly dir: string }): Promise<TrailReader> {
  const { openEmbeddedReader } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader(options)
  const catalog = (await statedCatalog(store.search)) ?? openCatalog()
  return new ReadingTrail(store, options.dir, catalog, await store.pepper())
}

class ReadingTrail extends ReadingHalf implements TrailReader {
  readonly #store: ReadableStore
  readonly #dir: string
  readonly #meter: Meter

  constructor(store: ReadableStore, dir: string, catalog: Catalog, pepper: Uint8Array | undefined) {
    const live = new PolledSource(
      () => store.size(),
      () => store.erasures(),
    )
    const meter = meterOfReader(store, live, pepper)
    super(new ReadSide(store.search, live, () => catalog), meter.reader())
    this.#meter = meter
    this.#store = store
    this.#dir = dir
  }

  async receipt(at: string | number, options?: ReceiptOptions): Promise<string> {
    const index = await this.readSide.positionOf(at)
    const checkpoint = await this.#store.checkpoint()
    if (checkpoint === undefined) {
      throw new AnnalsError('ANNALS_NOT_FOUND', 'The log has no signed checkpoint yet.', {
        hint: 'One follows within a second while a writer runs.',
      })
    }
    return await makeReceipt(this.#store, index, checkpoint, options)
  }

  async checkpoint(): Promise<Uint8Array | undefined> {
    return await this.#store.checkpoint()
  }

  async verify(options?: VerifyOptions): Promise<VerifyReport> {
    return await verifyStore(this.#dir, options)
  }

  async close(): Promise<void> {
    this.readSide.close()
    await this.#meter.close()
    await this.#store.close()
  }
}
