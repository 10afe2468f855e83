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
  /**
   * The open chunk; undefined before the first entry: its first position, the `recordedAt` of its last entry, and whether it
   * holds nothing but `log.*` entries.
   */
  readonly chunk: { readonly lo: number; readonly time: number; readonly own: boolean } | undefined
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

/** A part of an event in the log. */
export type PartPlace = readonly [index: number, name: string]

/** Positions `from` (inclusive) to `to` (exclusive). */
export type Range = readonly [from: number, to: number]

/**
 * How a chunk is kept. `open` is written; `closed` has ended; `sealed` is compact; `dropped` holds
 * nothing but leaf hashes and the log's own entries.
 */
export type ChunkState = 'open' | 'closed' | 'sealed' | 'dropped'

/** A chunk as the store holds it. */
export interface Chunk {
  /** First position; names the chunk. */
  readonly lo: number
  /** Position after its last entry. */
  readonly hi: number
  /** Name of its period, such as `2026-11-21`. */
  readonly period: string
  /** `recordedAt` of its first and last entry, ms; those of sealing once entries are thinned. */
  readonly firstTime: number
  readonly lastTime: number
  readonly state: ChunkState
  /** Bytes on disk with its search indexes. */
  readonly bytes: number
}

/** Positions of a class in a chunk, as counted when it was sealed. */
export interface SealedClass {
  readonly count: number
  /** SHA-256 (base64url) of the positions, each as u64be, ascending. */
  readonly positions: string
}

/** What `seal.json` says, `spec/log-v1.md` section 16. */
export interface SealManifest {
  readonly v: 1
  readonly origin: string
  readonly period: string
  readonly lo: number
  readonly hi: number
  readonly first: number
  readonly last: number
  readonly frontier: readonly string[]
  readonly before?: string
  readonly after: string
  readonly classes: Readonly<Record<string, SealedClass>>
}

/** A file of a chunk in the form of an archive, waiting to be uploaded. */
export interface StagedObject {
  /** `entries.bundle` or `parts-<class>.bin`. */
  readonly name: string
  readonly bytes: number
  /** base64url. */
  readonly sha256: string
  open(): AsyncIterable<Uint8Array>
}

/** A chunk in the form of an archive, without its manifest. */
export interface StagedChunk {
  readonly objects: readonly StagedObject[]
  /** SHA-256 (base64url) of the deflate dictionary. */
  readonly dictionary: string
  /** Removes what was staged. */
  discard(): Promise<void>
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
  /** Keeps a checkpoint for ever under its size, durably: those at which a chunk ended. */
  keep(checkpoint: Uint8Array): Promise<void>
  /** The kept checkpoint over exactly so many entries. */
  kept(size: number): Promise<Uint8Array | undefined>
  /** Keeps an RFC 3161 token over the text of the kept checkpoint of this size, durably, instead of any before. */
  keepToken(size: number, token: Uint8Array): Promise<void>
  /** The token over the kept checkpoint of this size. */
  token(size: number): Promise<Uint8Array | undefined>
  /** Every chunk, by position. */
  chunks(): Promise<readonly Chunk[]>
  /**
   * Makes a chunk that has ended compact and searchable as before, in the background; again, it answers the same. Needs the
   * kept checkpoints over `lo` and `hi`. A crash leaves the old form or the new.
   */
  seal(lo: number): Promise<SealManifest>
  /** What a sealed chunk was sealed with, also once it is thinned or dropped. */
  manifest(lo: number): Promise<SealManifest | undefined>
  /**
   * Wipes parts with their key references, from files, search index and memory, also of readers in other processes. Entries and
   * leaves stay. Again, it does nothing. Resolves when nothing of them can be read back from the store.
   */
  erase(parts: readonly PartPlace[]): Promise<void>
  /** Thins the entries of a sealed chunk in these ranges to their leaf hashes, with parts and search index. Again, it does nothing. */
  thin(lo: number, ranges: readonly Range[]): Promise<void>
  /** Thins every entry of a sealed chunk but the log's own (`log.*`); the manifest stays. Again, it does nothing. */
  drop(lo: number): Promise<void>
  /** Writes a sealed chunk in the form of an archive (section 18), in the background. */
  stage(lo: number): Promise<StagedChunk>
}
