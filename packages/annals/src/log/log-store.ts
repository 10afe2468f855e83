import type { Tile } from '@annals/tlog'
import type { Digest } from './digest.ts'
import type { TileNode, TreeMark } from './leaf-tree.ts'
import type { StoredRecord } from './record-bytes.ts'

/** Where a log stands when it is opened. */
export interface Head {
  /** Entries that are durable, with the right edge of their tree. */
  readonly tree: TreeMark
  /** `recordedAt` of the last entry, ms since the epoch; 0 when there is none. */
  readonly lastTime: number
  /** Id of the last entry. */
  readonly lastId: string | undefined
  /** First position of the open chunk and when its period began; undefined before the first entry. */
  readonly chunk: { readonly lo: number; readonly time: number } | undefined
  /** Latest published checkpoint. */
  readonly checkpoint: Uint8Array | undefined
  /** What had to be mended at opening, in sentences for the operator. */
  readonly notices: readonly string[]
}

/** Entries that become durable together. The store keeps bytes; it knows no meanings. */
export interface Batch {
  /** First position; must be the size of the log. */
  readonly at: number
  readonly count: number
  /** First position of the chunk they belong to. A batch never spans chunks. */
  readonly chunk: number
  /** `recordedAt` of the first and last entry. */
  readonly firstTime: number
  readonly lastTime: number
  /** The records, back to back, in the encoding of record-bytes.ts; room for a commit frame follows them. */
  readonly bytes: Buffer
  /** Length of the records within `bytes`. */
  readonly length: number
  /** Leaf hashes in order. */
  readonly leaves: readonly Digest[]
  /** Nodes of higher tiles completed by these leaves, in order. */
  readonly nodes: readonly TileNode[]
}

/** A record with its position. */
export interface Positioned {
  readonly index: number
  readonly record: StoredRecord
}

/**
 * The truth: records in order and the tree nodes over them.
 *
 * Laws. `append` is all or nothing, durable when it resolves, and refused with ANNALS_CONFLICT when `batch.at` is not the
 * size; after a rejection the log is as it was before, or the store refuses all further appends until it is opened anew.
 * Appends are never concurrent. `read` yields every position of the range once, in order. The store computes no hash.
 */
export interface LogStore {
  open(): Promise<Head>
  append(batch: Batch): Promise<void>
  /** Records from `from` (inclusive) to `to` (exclusive), clipped to the size, in batches that bound memory. */
  read(from: number, to: number): AsyncIterable<readonly Positioned[]>
  /** The hashes of a tile, `32 × width` bytes. Only tiles within the size may be asked for. */
  hashes(tile: Tile): Promise<Uint8Array>
  /** Replaces the published checkpoint, atomically and durably. */
  publish(checkpoint: Uint8Array): Promise<void>
}
