import { proveConsistency } from '@annals/tlog'
import type { AnnalsError } from '../model/index.ts'
import { digestBytes, sha256Bytes } from './digest.ts'
import { LeafTree, type TreeMark } from './leaf-tree.ts'
import type { Store } from './store.ts'
import { storeError } from './store-error.ts'
import { treeReader } from './tree-reader.ts'

/** How long a durable entry may wait for a signed checkpoint, in milliseconds. */
export const CHECKPOINT_INTERVAL_MS = 1_000

/** Keeps a signed checkpoint at most a second behind the log. */
export class Checkpointer {
  readonly #store: Store
  readonly #onError: (error: AnnalsError) => void
  #durable: TreeMark
  #published: Uint8Array | undefined
  #publishedSize = -1
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    store: Store,
    durable: TreeMark,
    published: Uint8Array | undefined,
    onError: (error: AnnalsError) => void,
  ) {
    this.#store = store
    this.#durable = durable
    this.#published = published
    this.#onError = onError
  }

  /** Latest published checkpoint. */
  get latest(): Uint8Array | undefined {
    return this.#published
  }

  /** Size of the latest published checkpoint; -1 before the first of this opening. */
  get size(): number {
    return this.#publishedSize
  }

  /** Tells that the log has grown; a checkpoint follows within the interval. */
  grew(durable: TreeMark): void {
    this.#durable = durable
    if (this.#closed) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.publish().catch((error: unknown) => {
        this.#onError(storeError(error))
        this.grew(this.#durable)
      })
    }, CHECKPOINT_INTERVAL_MS)
  }

  /** Signs and publishes a checkpoint over everything durable now. */
  publish(): Promise<void> {
    const run = this.#running.then(() => this.#publish())
    this.#running = run.catch(() => {})
    return run
  }

  /** Publishes the last checkpoint and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    if (this.#durable.size > 0 || this.#publishedSize >= 0) await this.publish()
  }

  async #publish(): Promise<void> {
    const mark = this.#durable
    if (mark.size === this.#publishedSize) return
    const tree = new LeafTree(mark)
    const note = await this.#store.signer.sign(mark.size, digestBytes(tree.root()), oldSize =>
      proveConsistency(sha256Bytes, oldSize, mark.size, treeReader(this.#store.log, mark.size)),
    )
    await this.#store.log.publish(note)
    this.#published = note
    this.#publishedSize = mark.size
  }
}
