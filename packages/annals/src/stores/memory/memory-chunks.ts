import { createHash } from 'node:crypto'
import { digestBytes } from '../../log/digest.ts'
import type { LeafTree } from '../../log/leaf-tree.ts'
import type { Batch, ChunkState, Head, SealedClass, SealManifest } from '../../log/log-store.ts'
import { periodName } from '../../log/period.ts'
import type { Period } from '../../log/store.ts'
import { AnnalsError } from '../../model/index.ts'

/** A chunk as it is remembered. */
export interface MemoryChunk {
  readonly lo: number
  readonly period: string
  readonly firstTime: number
  lastTime: number
  hi: number
  /** Holds nothing but the log's own entries. */
  own: boolean
  state: ChunkState
  manifest: SealManifest | undefined
}

/** The chunks of a log in memory. */
export class MemoryChunks {
  readonly #period: Period
  readonly #chunks: MemoryChunk[] = []

  constructor(period: Period) {
    this.#period = period
  }

  get all(): readonly MemoryChunk[] {
    return this.#chunks
  }

  /** The chunk that is being written, as a head names it. */
  get open(): Head['chunk'] {
    const last = this.#chunks.at(-1)
    return last === undefined ? undefined : { lo: last.lo, time: last.lastTime, own: last.own }
  }

  /** A batch was appended. */
  appended(batch: Batch, own: boolean): void {
    let chunk = this.#chunks.at(-1)
    if (chunk?.lo !== batch.chunk) {
      if (chunk !== undefined) chunk.state = 'closed'
      const { firstTime } = batch
      const name = periodName(this.#period, firstTime)
      const period = this.#chunks.some(other => other.period === name) ? `${name}.${batch.chunk}` : name
      chunk = {
        lo: batch.chunk,
        hi: batch.at,
        period,
        firstTime,
        lastTime: firstTime,
        own: true,
        state: 'open',
        manifest: undefined,
      }
      this.#chunks.push(chunk)
    }
    chunk.hi = batch.at + batch.count
    chunk.lastTime = batch.lastTime
    chunk.own &&= own
  }

  /** @throws AnnalsError ANNALS_NOT_FOUND when no chunk begins there */
  at(lo: number): MemoryChunk {
    const chunk = this.#chunks.find(one => one.lo === lo)
    if (chunk === undefined) throw new AnnalsError('ANNALS_NOT_FOUND', `No chunk begins at position ${lo}.`)
    return chunk
  }

  /** @throws AnnalsError ANNALS_INVALID when the chunk is not sealed */
  sealedAt(lo: number): MemoryChunk {
    const chunk = this.at(lo)
    if (chunk.manifest === undefined)
      throw new AnnalsError('ANNALS_INVALID', `The chunk at position ${lo} is not sealed.`, {
        hint: 'Seal it first.',
      })
    return chunk
  }
}

/** What `seal.json` says of a chunk that has ended. */
export function sealManifest(
  origin: string,
  chunk: MemoryChunk,
  before: LeafTree,
  kept: (size: number) => Uint8Array | undefined,
  classes: Iterable<string>,
): SealManifest {
  const { lo, hi, period, firstTime, lastTime } = chunk
  const note = (size: number): string => {
    const bytes = kept(size)
    if (bytes === undefined) {
      throw new AnnalsError('ANNALS_NOT_FOUND', `No checkpoint over ${size} entries is kept.`, {
        hint: 'A chunk is sealed between the checkpoints at which it began and ended.',
      })
    }
    return Buffer.from(bytes).toString('utf8')
  }
  return {
    v: 1,
    origin,
    period,
    lo,
    hi,
    first: firstTime,
    last: lastTime,
    frontier: before.mark().frontier.map(hash => digestBytes(hash).toString('base64')),
    ...(lo === 0 ? {} : { before: note(lo) }),
    after: note(hi),
    classes: sealedClasses(lo, classes),
  }
}

/** Counts the classes of entries from `lo` on. */
function sealedClasses(lo: number, classes: Iterable<string>): Record<string, SealedClass> {
  const found = new Map<string, { count: number; readonly hash: ReturnType<typeof createHash> }>()
  const position = Buffer.alloc(8)
  let at = lo
  for (const name of classes) {
    const sum = found.get(name) ?? { count: 0, hash: createHash('sha256') }
    found.set(name, sum)
    sum.count++
    position.writeBigUInt64BE(BigInt(at++))
    sum.hash.update(position)
  }
  return Object.fromEntries(
    [...found]
      .sort()
      .map(([name, { count, hash }]) => [name, { count, positions: hash.digest('base64url') }]),
  )
}
