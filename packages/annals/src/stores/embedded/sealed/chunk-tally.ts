import { createHash, type Hash } from 'node:crypto'
import { toBase64 } from '@annals/tlog'
import { type Digest, digestBytes } from '../../../log/digest.ts'
import { readEntry } from '../../../log/entry.ts'
import { LeafTree } from '../../../log/leaf-tree.ts'
import type { SealManifest } from '../../../log/log-store.ts'
import type { StoredRecord } from '../../../log/record-bytes.ts'
import { leafOf } from '../leaf-of.ts'
import type { BlockStart } from './sealed-writer.ts'

/** Adds up a chunk record by record: its tree, its times, and the positions of its classes. */
export class ChunkTally {
  readonly #tree: LeafTree
  readonly #classes = new Map<string, { count: number; readonly positions: Hash }>()
  #first: number | undefined
  #last = 0

  /** @param frontier of the tree over the first `lo` entries */
  constructor(lo: number, frontier: readonly Digest[]) {
    this.#tree = new LeafTree({ size: lo, frontier })
  }

  /** Adds the next record; returns its time and id. */
  add(index: number, record: StoredRecord): BlockStart {
    this.#tree.append(leafOf(record), [])
    const { recordedAt, retention, id } = readEntry(record.entry.toString('latin1'))
    this.#first ??= recordedAt
    this.#last = recordedAt
    let found = this.#classes.get(retention)
    if (found === undefined) {
      found = { count: 0, positions: createHash('sha256') }
      this.#classes.set(retention, found)
    }
    found.count++
    position.writeBigUInt64BE(BigInt(index))
    found.positions.update(position)
    return { time: recordedAt, id }
  }

  /** Root of the tree up to here. */
  root(): string {
    return toBase64(digestBytes(this.#tree.root()))
  }

  /** What `seal.json` says of them. */
  result(): Pick<SealManifest, 'first' | 'last' | 'classes'> {
    const classes = [...this.#classes].map(
      ([name, { count, positions }]) => [name, { count, positions: positions.digest('base64url') }] as const,
    )
    return { first: this.#first ?? 0, last: this.#last, classes: Object.fromEntries(classes) }
  }
}

const position = Buffer.alloc(8)
