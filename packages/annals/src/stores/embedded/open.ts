import { mkdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { KeyStore } from '../../log/key-store.ts'
import type { KeyRef } from '../../log/record-bytes.ts'
import type { DerivedBytes, LogIdentity, Period, Store, StoreSupports } from '../../log/store.ts'
import { AnnalsError } from '../../model/index.ts'
import { removeStaged, stageChunk } from './archive/staging.ts'
import {
  machineBoot,
  nextBoot,
  readWriterState,
  saveWriterState,
  trustsOpenIndexes,
  type WriterState,
} from './boot.ts'
import { derivedFiles } from './derived-files.ts'
import { changePeriod, createDescription, readDescription, requireWritable } from './description.ts'
import { EmbeddedLog, type SegmentLimits } from './embedded-log.ts'
import { EmbeddedSearch } from './embedded-search.ts'
import { Inbox } from './inbox.ts'
import { removeOpenIndexes } from './index/indexer.ts'
import { EmbeddedKeys } from './keys/embedded-keys.ts'
import { openFileSigner } from './keys/file-signer.ts'
import { createKeyEncryption, type KeyEncryption, readKeyEncryption } from './keys/key-encryption.ts'
import { type Layout, layoutOf } from './layout.ts'
import { WriterLock } from './lock.ts'
import { SharedState } from './shared-state.ts'
import { moduleBeside, Thread } from './thread/thread.ts'

/** Options of {@link openEmbedded}. */
export interface EmbeddedOptions {
  /** Directory of the log; made when it is not there. */
  readonly dir: string
  /** Name of a new log in its checkpoints. @defaultValue `annals.local/` and twelve random hex digits */
  readonly origin?: string | undefined
  /** Chunk period, UTC; of a log that has another one, from the next chunk on. @defaultValue that of the log; `day` for a new one */
  readonly period?: Period | undefined
  /**
   * Keeper of the secrets, instead of files in `keys/`: one that passes the key laws of the conformance suite. The caller opens
   * and closes it, and nothing can be held against commitments where it is not.
   */
  readonly keys?: KeyStore | undefined
  /** Smaller segments, for tests. */
  readonly segments?: Partial<SegmentLimits> | undefined
  /** The clock that cosignatures are dated by, ms since the epoch, for tests and simulations. @defaultValue Date.now */
  readonly clock?: (() => number) | undefined
  /** Told when the index or the inbox fails; recording goes on, and searches walk the records. @defaultValue a process warning */
  readonly onError?: ((error: Error) => void) | undefined
}

/**
 * Opens a directory as a store, for writing. The directory is the only thing needed: no server, no native build.
 *
 * @throws AnnalsError ANNALS_LOCKED, ANNALS_FORMAT, ANNALS_KEYS, ANNALS_CORRUPT
 * @example
 * ```ts
 * const store = await openEmbedded({ dir: './annals-data' })
 * ```
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Store> {
  const layout = layoutOf(options.dir)
  const known = await readDescription(layout)
  if (known !== undefined) requireWritable(layout, known)
  await mkdir(layout.chunks, { recursive: true })
  await mkdir(layout.inbox, { recursive: true })
  const lock = WriterLock.take(layout)
  try {
    return await EmbeddedStore.open(layout, lock, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

class EmbeddedStore implements Store {
  readonly supports: StoreSupports = { persistence: true }
  readonly identity: LogIdentity
  readonly log: EmbeddedLog
  readonly search: EmbeddedSearch
  readonly keys: KeyStore
  readonly signer: Store['signer']
  readonly dir: string
  readonly inbox: Inbox
  readonly derived: DerivedBytes
  readonly notices: readonly string[]
  readonly #own: EmbeddedKeys | undefined
  readonly #layout: Layout
  readonly #lock: WriterLock
  readonly #shared: SharedState
  readonly #query: Thread
  readonly #indexing: Worker
  #state: WriterState

  private constructor(parts: {
    identity: LogIdentity
    log: EmbeddedLog
    keys: KeyStore
    own: EmbeddedKeys | undefined
    signer: Store['signer']
    layout: Layout
    lock: WriterLock
    shared: SharedState
    query: Thread
    indexing: Worker
    inbox: Inbox
    state: WriterState
  }) {
    this.identity = parts.identity
    this.log = parts.log
    this.keys = parts.keys
    this.#own = parts.own
    this.notices = parts.own?.notices ?? []
    this.signer = parts.signer
    this.dir = parts.layout.dir
    this.inbox = parts.inbox
    this.derived = derivedFiles(parts.layout)
    this.search = new EmbeddedSearch(parts.query)
    this.#layout = parts.layout
    this.#lock = parts.lock
    this.#shared = parts.shared
    this.#query = parts.query
    this.#indexing = parts.indexing
    this.#state = parts.state
  }

  static async open(layout: Layout, lock: WriterLock, options: EmbeddedOptions): Promise<Store> {
    const onError = options.onError ?? ((error: Error) => process.emitWarning(error))
    const known = await readDescription(layout)
    let description = known ?? (await createDescription(layout, options))
    if (options.period !== undefined && options.period !== description.period)
      description = await changePeriod(layout, description, options.period)
    const before = await readWriterState(layout)
    await mkdir(layout.keys, { recursive: true, mode: 0o700 })
    const kek = options.keys === undefined ? await keyEncryption(layout, before === undefined) : undefined
    const signer = await openFileSigner(
      layout,
      description.origin,
      before === undefined,
      secondsOf(options.clock),
    )
    const runs = machineBoot()
    let state: WriterState = {
      boot: nextBoot(before, description.recorder),
      machineBoot: runs,
      clean: false,
      applied: before?.applied ?? 0,
    }
    const clean = before?.clean === true
    // Before any thread opens one, and before the new state says to readers that they can be believed.
    if (!trustsOpenIndexes(before, runs)) removeOpenIndexes(layout.chunks)
    removeStaged(layout)
    await saveWriterState(layout, state)

    const shared = new SharedState()
    const query = new Thread(moduleBeside(import.meta.url, './read/query-worker'), {
      dir: layout.dir,
      shared: shared.buffer,
    })
    const log: EmbeddedLog = new EmbeddedLog({
      layout,
      origin: description.origin,
      period: description.period,
      shared,
      clean,
      query,
      stage: seal =>
        stageChunk({ layout, shared, kek, keys: () => keys, read: (from, to) => log.read(from, to) }, seal),
      limits: options.segments,
    })
    const own = kek === undefined ? undefined : await EmbeddedKeys.open(layout, kek, () => shared.size)
    const keys = options.keys ?? (own as EmbeddedKeys)
    const { tree } = await log.open()
    const next = nextBoot(before, description.recorder, log.lastSource)
    if (next > state.boot) {
      state = { ...state, boot: next }
      await saveWriterState(layout, state)
    }
    // After a crash, and after an older copy of the keys was restored.
    const bound = (await own?.boundTo()) ?? tree.size
    if (bound < tree.size) await own?.rebind(keyRefs(log, bound, tree.size), tree.size)
    const indexing = startIndexing(layout, shared, onError)
    const identity: LogIdentity = {
      origin: description.origin,
      period: description.period,
      source: `${description.recorder}/${state.boot}`,
    }
    const inbox = new Inbox(layout, onError)
    return new EmbeddedStore({
      inbox,
      identity,
      log,
      keys,
      own,
      signer,
      layout,
      lock,
      shared,
      query,
      indexing,
      state,
    })
  }

  erasures(): unknown {
    return this.#shared.erasures
  }

  async applied(): Promise<number> {
    return this.#state.applied
  }

  async setApplied(position: number): Promise<void> {
    if (position <= this.#state.applied) return
    this.#state = { ...this.#state, applied: position }
    await saveWriterState(this.#layout, this.#state)
  }

  async close(): Promise<void> {
    try {
      await this.#own?.close()
      await this.log.close()
      await this.#query.close()
      this.#shared.stop()
      this.#indexing.ref()
      await new Promise<void>(resolve => {
        if (this.#indexing.threadId === -1) resolve()
        else this.#indexing.once('exit', () => resolve())
      })
      await saveWriterState(this.#layout, { ...this.#state, clean: true })
    } finally {
      this.#lock.release()
    }
  }
}

async function keyEncryption(layout: Layout, create: boolean): Promise<KeyEncryption> {
  const kek = create ? await createKeyEncryption(layout) : await readKeyEncryption(layout)
  if (kek !== undefined) return kek
  throw new AnnalsError('ANNALS_KEYS', `${layout.keys} lacks the key-encryption key.`, {
    hint: 'Restore keys/kek, or set ANNALS_KEK; without it the log can only be read.',
  })
}

function secondsOf(clock: (() => number) | undefined): (() => number) | undefined {
  return clock === undefined ? undefined : () => Math.floor(clock() / 1_000)
}

function startIndexing(layout: Layout, shared: SharedState, onError: (error: Error) => void): Worker {
  const worker = new Worker(moduleBeside(import.meta.url, './index/index-worker'), {
    workerData: { dir: layout.dir, shared: shared.buffer },
  })
  worker.unref()
  worker.on('message', (error: Error) => onError(error))
  worker.on('error', error => onError(error as Error))
  worker.on('exit', () => shared.indexingEnded())
  return worker
}

/** Key references of the records of a range, for binding keys anew after a crash. */
async function* keyRefs(log: EmbeddedLog, from: number, to: number): AsyncIterable<readonly KeyRef[]> {
  for await (const batch of log.read(from, to)) {
    const refs = new Map<string, KeyRef>()
    for (const { record } of batch)
      for (const part of record.parts) for (const key of part.keys) refs.set(key.id, key)
    if (refs.size > 0) yield [...refs.values()]
  }
}
