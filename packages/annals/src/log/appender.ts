import { COMMIT_BYTES } from './commit-frame.ts'
import { type Digest, sha256, sha256Base64Url } from './digest.ts'
import { formatEntry, MAX_ENTRY_BYTES, type NamedCommitment } from './entry.ts'
import type { GgmWalk } from './ggm.ts'
import type { Item } from './item.ts'
import type { SubjectKey } from './key-store.ts'
import { LeafTree, type TileNode, type TreeMark } from './leaf-tree.ts'
import type { Batch } from './log-store.ts'
import { type EncodedPart, recordBound, writeRecord } from './record-bytes.ts'
import {
  commitmentPrefixLength,
  entryNonce,
  partSalt,
  partSecret,
  partSeed,
  writeCommitmentPrefix,
} from './secrets.ts'
import type { IdSequence } from './uuid.ts'

const FIRST_BYTES = 256 * 1024
const NO_KEYS: readonly SubjectKey[] = []
const NO_DIGESTS: readonly Digest[] = []

/** The chunk that is being written: its first position and one walk over positions per retention class. */
export interface OpenChunk {
  readonly lo: number
  readonly walks: Map<string, GgmWalk>
}

/** Everything that a failed append takes back. */
export interface AppendMark {
  readonly tree: TreeMark
  readonly counter: number
}

/**
 * Turns admitted events into records, leaf hashes and tree nodes, at the moment they are recorded: hashing early spreads
 * its cost and leaves only a write and an fdatasync for the flush.
 */
export class Appender {
  readonly #tree: LeafTree
  readonly #ids: IdSequence
  readonly #source: string
  #counter = 0
  #scratch: Buffer = Buffer.allocUnsafeSlow(64 * 1024)
  readonly #spare: Buffer[] = []
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #length = 0
  #items: Item[] = []
  /** Since when the item waits that has waited longest: not always the first, for some may wait for less. */
  #oldest = Number.POSITIVE_INFINITY
  #leaves: Digest[] = []
  #nodes: TileNode[] = []
  #chunk = 0
  #firstTime = 0
  #lastTime = 0

  constructor(tree: TreeMark, ids: IdSequence, source: string) {
    this.#tree = new LeafTree(tree)
    this.#ids = ids
    this.#source = source
  }

  /** Entries so far, durable or not. */
  get size(): number {
    return this.#tree.size
  }

  /** Entries in the batch that is being filled. */
  get count(): number {
    return this.#items.length
  }

  /** Bytes in the batch that is being filled. */
  get bytes(): number {
    return this.#length
  }

  /** Whether an item that waits in the batch came before this time of the monotonic clock. */
  hasOlderThan(due: number): boolean {
    return this.#oldest < due
  }

  /** Something that waits in the batch is to be taken out of it. */
  hurry(): void {
    this.#oldest = Number.NEGATIVE_INFINITY
  }

  mark(): AppendMark {
    return { tree: this.#tree.mark(), counter: this.#counter }
  }

  /** Takes back everything since the mark, including the batch that is being filled; returns its items. */
  restore(mark: AppendMark): Item[] {
    const items = this.#items
    this.#tree.restore(mark.tree)
    this.#counter = mark.counter
    this.#length = 0
    this.#items = []
    this.#oldest = Number.POSITIVE_INFINITY
    this.#leaves = []
    this.#nodes = []
    return items
  }

  /** Appends one event; the chunk has a walk for its class, and the item its keys. */
  append(item: Item, chunk: OpenChunk, time: number): void {
    const { event } = item
    const index = this.#tree.size
    const g = (chunk.walks.get(event.retention) as GgmWalk).leaf(index - chunk.lo)
    if (g === undefined) throw new RangeError('the secrets of a position were destroyed before it was used')
    // One that is appended again keeps its id, which its caller may have been told.
    const id = item.id === '' ? this.#ids.next(time) : item.id

    const parts: EncodedPart[] = []
    const commitments: NamedCommitment[] = []
    let at = 0
    for (let i = 0; i < event.parts.length; i++) {
      const { name, json } = event.parts[i] as (typeof event.parts)[number]
      const keys = item.keys?.[i] ?? NO_KEYS
      const ps = partSecret(partSeed(g, name), keys.length === 0 ? NO_DIGESTS : keys.map(k => k.key))
      this.#reserveScratch(at, commitmentPrefixLength(name) + json.length * 3)
      const start = writeCommitmentPrefix(this.#scratch, at, partSalt(ps), name)
      const end = start + this.#scratch.write(json, start)
      commitments.push({ name, value: sha256Base64Url(this.#scratch.subarray(at, end)) })
      parts.push({ name, keys, bytes: this.#scratch.subarray(start, end) })
      at = end
    }
    const { operation, key } = event
    const entry = formatEntry(
      {
        action: event.action,
        id,
        key,
        nonce: entryNonce(g),
        result: event.content.outcome.result,
        operation,
        phase: event.phase,
        retention: event.retention,
        recordedAt: time,
      },
      commitments,
      this.#source,
      this.#counter + 1,
    )
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError('entry over 65,535 bytes')

    // Leaf: SHA-256(0x00 ‖ entry). The record is written once its entry is known to be sound.
    this.#reserveScratch(at, entry.length + 1)
    this.#scratch[at] = 0
    this.#scratch.write(entry, at + 1, 'latin1')
    const leaf = sha256(this.#scratch.subarray(at, at + 1 + entry.length))

    let keyCount = 0
    for (const part of parts) keyCount += part.keys.length
    this.#reserve(recordBound(entry, event.parts, keyCount))
    this.#length = writeRecord(this.#bytes, this.#length, entry, parts)
    this.#tree.append(leaf, this.#nodes)
    this.#leaves.push(leaf)
    this.#counter++
    item.id = id
    item.index = index
    item.recordedAt = time
    if (this.#items.length === 0) {
      this.#chunk = chunk.lo
      this.#firstTime = time
    }
    this.#lastTime = time
    if (item.since < this.#oldest) this.#oldest = item.since
    this.#items.push(item)
  }

  /** The batch that was filled, and its items; a new one begins. */
  take(): { readonly batch: Batch; readonly items: readonly Item[] } {
    const items = this.#items
    const batch: Batch = {
      at: this.#tree.size - items.length,
      count: items.length,
      chunk: this.#chunk,
      firstTime: this.#firstTime,
      lastTime: this.#lastTime,
      bytes: this.#bytes,
      length: this.#length,
      leaves: this.#leaves,
      nodes: this.#nodes,
    }
    this.#bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
    this.#length = 0
    this.#items = []
    this.#oldest = Number.POSITIVE_INFINITY
    this.#leaves = []
    this.#nodes = []
    return { batch, items }
  }

  /** Gives the buffer of a finished batch back for use. */
  release(batch: Batch): void {
    if (this.#spare.length < 2 && batch.bytes.length <= 16 * 1024 * 1024) this.#spare.push(batch.bytes)
  }

  #reserve(more: number): void {
    const need = this.#length + more + COMMIT_BYTES
    if (need <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(need, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  #reserveScratch(at: number, more: number): void {
    if (at + more <= this.#scratch.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(at + more, this.#scratch.length * 2))
    this.#scratch.copy(larger, 0, 0, at)
    this.#scratch = larger
  }
}
