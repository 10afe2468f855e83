import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Chunk, ChunkState, SealManifest } from '../../../log/log-store.ts'
import type { Layout } from '../layout.ts'
import { periodOf } from '../sealed/chunk-segments.ts'
import { isDropped } from '../sealed/drop-chunk.ts'
import { MANIFEST } from '../sealed/seal-manifest.ts'
import type { SegmentRef } from '../segment-file.ts'
import { entryKey } from './entry-key.ts'
import type { Segments } from './segments.ts'

type Times = Pick<Chunk, 'firstTime' | 'lastTime'>

/** Says which chunks a directory holds, and how. */
export class ChunkList {
  readonly #layout: Layout
  /** Times of sealed chunks by their first position: they do not change any more. */
  readonly #sealed = new Map<number, Times>()

  constructor(layout: Layout) {
    this.#layout = layout
  }

  list(segments: Segments): readonly Chunk[] {
    const parts = segments.within(0, segments.size)
    const byDirectory = Map.groupBy(parts, ({ ref }) => ref.chunk)
    const chunks = [...byDirectory.values()].map(of => ({
      refs: of.map(({ ref }) => ref),
      lo: of[0]?.ref.first ?? 0,
      hi: of.at(-1)?.to ?? 0,
    }))
    return chunks.map(({ refs, lo, hi }, i) => {
      const directory = (refs[0] as SegmentRef).chunk
      const sealed = this.#sealedTimes(lo, directory)
      return {
        lo,
        hi,
        period: periodOf(directory),
        ...(sealed ?? writtenTimes(segments, refs, lo, hi)),
        state:
          i === chunks.length - 1 && sealed === undefined
            ? 'open'
            : stateOf(refs, join(this.#layout.chunks, directory), sealed !== undefined),
        bytes: bytesIn(join(this.#layout.chunks, directory)),
      }
    })
  }

  #sealedTimes(lo: number, directory: string): Times | undefined {
    let times = this.#sealed.get(lo)
    if (times !== undefined) return times
    try {
      const text = readFileSync(join(this.#layout.chunks, directory, MANIFEST), 'utf8')
      const { first, last } = JSON.parse(text) as SealManifest
      times = { firstTime: first, lastTime: last }
    } catch {
      // Not sealed; or damaged, which the reading of the manifest itself says.
      return undefined
    }
    this.#sealed.set(lo, times)
    return times
  }
}

function stateOf(refs: readonly SegmentRef[], dir: string, sealed: boolean): ChunkState {
  if (!sealed) return 'closed'
  return refs.every(ref => ref.form === 'spine') || isDropped(dir) ? 'dropped' : 'sealed'
}

function writtenTimes(segments: Segments, refs: readonly SegmentRef[], lo: number, hi: number): Times {
  const timeOf = (ref: SegmentRef | undefined, index: number): number =>
    ref === undefined ? 0 : (entryKey(segments.handle(ref).records.record(index))?.time ?? 0)
  return { firstTime: timeOf(refs[0], lo), lastTime: timeOf(refs.at(-1), hi - 1) }
}

function bytesIn(dir: string): number {
  let bytes = 0
  for (const name of readdirSync(dir))
    bytes += statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0
  return bytes
}
