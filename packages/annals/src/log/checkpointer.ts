import { type Hash, proveConsistency } from '@annals/tlog'
import { AnnalsError } from '../model/index.ts'
import { type CosignatureSource, Cosigning } from './cosigning.ts'
import { digestBytes, sha256Bytes } from './digest.ts'
import { LeafTree, type TreeMark } from './leaf-tree.ts'
import type { Store } from './store.ts'
import { storeError } from './store-error.ts'
import { treeReader } from './tree-reader.ts'

/** How long a durable entry may wait for a signed checkpoint, in milliseconds. */
export const CHECKPOINT_INTERVAL_MS = 1_000
/** How old a checkpoint gets before it is signed anew although the log has not grown, in milliseconds. */
export const HEARTBEAT_MS = 3_600_000
/** Longest delay that a timer takes. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/**
 * Keeps a signed checkpoint at most a second behind the log. An idle log gets one with a fresh time every heartbeat: a checkpoint that
 * is older says that the log was not open, and not that nothing happened.
 */
export class Checkpointer {
  readonly #store: Store
  readonly #onError: (error: AnnalsError) => void
  #durable: TreeMark
  #published: Uint8Array | undefined
  #publishedSize = -1
  /** Keys of the log that signed it: another key signs the same tree once more. */
  #publishedBy = ''
  #timer: NodeJS.Timeout | undefined
  readonly #heartbeatMs: number
  #heartbeat: NodeJS.Timeout | undefined
  readonly #cosigning: Cosigning | undefined
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    store: Store,
    durable: TreeMark,
    published: Uint8Array | undefined,
    onError: (error: AnnalsError) => void,
    cosignatures?: CosignatureSource,
    heartbeatMs: number = HEARTBEAT_MS,
  ) {
    this.#cosigning =
      cosignatures === undefined
        ? undefined
        : new Cosigning(cosignatures, error => onError(storeError(error)))
    this.#store = store
    this.#durable = durable
    this.#published = published
    this.#onError = onError
    this.#heartbeatMs = heartbeatMs
    this.#awaitHeartbeat()
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
    return this.#inTurn(() => this.#publish())
  }

  /** Signs and keeps a checkpoint over exactly what is durable now: a chunk ends here. */
  async boundary(): Promise<void> {
    const { size } = this.#durable
    if (size === 0) return
    await this.publish()
    if (this.#published === undefined || this.#publishedSize !== size)
      throw new Error('the checkpoint moved on')
    await this.#store.log.keep(this.#published)
  }

  /**
   * Signs everything durable now, and resolves when enough witnesses have cosigned it.
   *
   * @throws AnnalsError ANNALS_UNSUPPORTED when the log has no witnesses
   */
  async witnessed(): Promise<void> {
    if (this.#cosigning === undefined) {
      throw new AnnalsError('ANNALS_UNSUPPORTED', 'No witnesses are named for this log.', {
        hint: 'Name them in the policy of the trail, or in the file policy of its directory.',
      })
    }
    await this.publish()
    await this.#cosigning.reached(this.#publishedSize)
  }

  /** Publishes the last checkpoint, gives witnesses the time they are given, and stops. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    clearTimeout(this.#heartbeat)
    if (this.#durable.size > 0 || this.#publishedSize >= 0) await this.publish()
    await this.#cosigning?.close()
    await this.#running
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const run = this.#running.then(work)
    this.#running = run.catch(() => {})
    return run
  }

  #awaitHeartbeat(): void {
    clearTimeout(this.#heartbeat)
    if (this.#closed || this.#heartbeatMs > LONGEST_DELAY_MS) return
    this.#heartbeat = setTimeout(() => {
      this.#inTurn(() => this.#publish('again')).catch((error: unknown) => {
        this.#onError(storeError(error))
        this.#awaitHeartbeat()
      })
    }, this.#heartbeatMs).unref()
  }

  async #publish(again?: 'again'): Promise<void> {
    const mark = this.#durable
    const signers = this.#store.signer.vkeys.join('\n')
    if (mark.size === this.#publishedSize && signers === this.#publishedBy && again === undefined) return
    // An empty tree says nothing: the first checkpoint of a log is over its first entry.
    if (mark.size === 0 && again !== undefined) return this.#awaitHeartbeat()
    const tree = new LeafTree(mark)
    const prove = (oldSize: number): Promise<readonly Hash[]> =>
      proveConsistency(sha256Bytes, oldSize, mark.size, treeReader(this.#store.log, mark.size))
    const note = await this.#store.signer.sign(mark.size, digestBytes(tree.root()), prove)
    await this.#store.log.publish(note)
    this.#published = note
    this.#publishedSize = mark.size
    this.#publishedBy = signers
    this.#awaitHeartbeat()
    this.#cosigning?.offer({
      size: mark.size,
      checkpoint: note,
      prove,
      cosigned: checkpoint => this.#cosigned(mark.size, note, checkpoint),
    })
  }

  /** Puts the cosigned form of a checkpoint where the bare one is, unless a newer one has come. */
  async #cosigned(size: number, bare: Uint8Array, checkpoint: Uint8Array): Promise<void> {
    if (checkpoint === bare) return
    await this.#inTurn(async () => {
      if ((await this.#store.log.kept(size)) !== undefined) await this.#store.log.keep(checkpoint)
      if (this.#published !== bare) return
      await this.#store.log.publish(checkpoint)
      this.#published = checkpoint
    })
  }
}
