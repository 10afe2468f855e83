import { createHash, type Hash } from 'node:crypto'
import type { SealedClass } from '../log/log-store.ts'

/** Positions that are hashed at a time. */
const BATCH = 1_024

/** Counts and hashes the positions of each retention class, as `seal.json` states them. */
export class ClassDigests {
  readonly #classes = new Map<
    string,
    { readonly hash: Hash; readonly batch: Buffer; have: number; count: number }
  >()

  /** Positions come in ascending order. */
  add(retention: string, index: number): void {
    let of = this.#classes.get(retention)
    if (of === undefined) {
      of = { hash: createHash('sha256'), batch: Buffer.alloc(8 * BATCH), have: 0, count: 0 }
      this.#classes.set(retention, of)
    }
    of.batch.writeUInt32BE(Math.floor(index / 2 ** 32), 8 * of.have)
    of.batch.writeUInt32BE(index % 2 ** 32, 8 * of.have + 4)
    of.count++
    if (++of.have === BATCH) {
      of.hash.update(of.batch)
      of.have = 0
    }
  }

  /** What was added, by class. Nothing may be added afterwards. */
  finish(): ReadonlyMap<string, SealedClass> {
    return new Map(
      [...this.#classes].map(([name, { hash, batch, have, count }]) => {
        const positions = hash.update(batch.subarray(0, 8 * have)).digest('base64url')
        return [name, { count, positions }]
      }),
    )
  }
}
