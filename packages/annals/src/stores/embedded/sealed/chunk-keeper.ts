import { join } from 'node:path'
import type { PartPlace, Range, SealManifest } from '../../../log/log-store.ts'
import { AnnalsError } from '../../../model/index.ts'
import { eraseParts, finishErasing } from '../erase/erase-parts.ts'
import { type Layout, layoutOf } from '../layout.ts'
import { SharedState } from '../shared-state.ts'
import { type ChunkPlace, placeOfChunk } from './chunk-segments.ts'
import { dropChunk } from './drop-chunk.ts'
import { type SealTask, sealChunk } from './seal-chunk.ts'
import { MANIFEST, readManifest } from './seal-manifest.ts'
import { thinChunk } from './thin-chunk.ts'

/** Changes how chunks that have ended are kept; runs where blocking is no harm. */
export class ChunkKeeper {
  readonly #layout: Layout
  readonly #shared: SharedState

  constructor(dir: string, shared: SharedArrayBuffer) {
    this.#layout = layoutOf(dir)
    this.#shared = new SharedState(shared)
  }

  async seal(task: SealTask): Promise<SealManifest> {
    const place = placeOfChunk(this.#layout, task.lo)
    return (await readManifest(join(place.dir, MANIFEST))) ?? (await sealChunk(task, place, this.#shared))
  }

  async thin(lo: number, ranges: readonly Range[]): Promise<void> {
    const { segments } = await this.#sealed(lo)
    await thinChunk(this.#layout, lo, segments, ranges, this.#shared)
  }

  async drop(lo: number): Promise<void> {
    await dropChunk(this.#layout, lo, await this.#sealed(lo), this.#shared)
  }

  async erase(parts: readonly PartPlace[]): Promise<void> {
    await eraseParts(this.#layout, parts, this.#shared)
  }

  /** Finishes what a crash cut short. */
  async finishErasing(): Promise<void> {
    await finishErasing(this.#layout, this.#shared)
  }

  async #sealed(lo: number): Promise<ChunkPlace> {
    const place = placeOfChunk(this.#layout, lo)
    if ((await readManifest(join(place.dir, MANIFEST))) !== undefined) return place
    throw new AnnalsError('ANNALS_INVALID', `The chunk that begins at position ${lo} is not sealed.`, {
      hint: 'Seal it first.',
    })
  }
}
