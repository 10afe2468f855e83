import { mkdir } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import type { KeyRef } from '../../log/record-bytes.ts'
import type { LogIdentity, Period, Store, StoreSupports } from '../../log/store.ts'
import { AnnalsError } from '../../model/index.ts'
import { machineBoot, nextBoot, readWriterState, saveWriterState, trustsOpenIndexes } from './boot.ts'
import { createDescription, readDescription } from './description.ts'
import { EmbeddedLog, type SegmentLimits } from './embedded-log.ts'
import { EmbeddedSearch } from './embedded-search.ts'
import { Inbox } from './inbox.ts'
import { removeOpenIndexes } from './index/indexer.ts'
import { EmbeddedKeys } from './keys/embedded-keys.ts'
import { openFileSigner } from './keys/file-signer.ts'
import { createKeyEncryption, readKeyEncryption } from './keys/key-encryption.ts'
import { type Layout, layoutOf } from './layout.ts'
import { WriterLock } from './lock.ts'
import type { RawRecords } from './read/directory-reader.ts'
import { SharedState } from './shared-state.ts'
import { moduleBeside, Thread } from './thread/thread.ts'

/** Options of {@link openEmbedded}. */
export interface EmbeddedOptions {
  /** Directory of the log; made when it is not there. */
  readonly dir: string
  /** Name of a new log in its checkpoints. @defaultValue `annals.local/` and twelve random hex digits */
  readonly origin?: string | undefined
  /** Chunk period of a new log, UTC. @defaultValue `day` */
  readonly period?: Period | undefined
  /** Smaller segments, for tests. */
  readonly segments?: Partial<SegmentLimits> | undefined
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
  readonly keys: EmbeddedKeys
  readonly signer: Store['signer']
  readonly dir: string
  readonly inbox: Inbox
  readonly #layout: Layout
  readonly #lock: WriterLock
  readonly #shared: SharedState
  readonly #query: Thread
  readonly #indexing: Worker
  readonly #boot: { readonly boot: number; readonly machineBoot: string }

  private constructor(parts: {
    identity: LogIdentity
    log: EmbeddedLog
    keys: EmbeddedKeys
    signer: Store['signer']
    layout: Layout
    lock: WriterLock
    shared: SharedState
    query: Thread
    indexing: Worker
    inbox: Inbox
    boot: { readonly boot: number; readonly machineBoot: string }
  }) {
    this.identity = parts.identity
    this.log = parts.log
    this.keys = parts.keys
    this.signer = parts.signer
    this.dir = parts.layout.dir
    this.inbox = parts.inbox
    this.search = new EmbeddedSearch(parts.query)
    this.#layout = parts.layout
    this.#lock = parts.lock
    this.#shared = parts.shared
    this.#query = parts.query
    this.#indexing = parts.indexing
    this.#boot = parts.boot
  }

  static async open(layout: Layout, lock: WriterLock, options: EmbeddedOptions): Promise<Store> {
    const onError = options.onError ?? ((error: Error) => process.emitWarning(error))
    const known = await readDescription(layout)
    const description = known ?? (await createDescription(layout, options))
    const before = await readWriterState(layout)
    const kek = before === undefined ? await createKeyEncryption(layout) : await readKeyEncryption(layout)
    if (kek === undefined) {
      throw new AnnalsError('ANNALS_KEYS', `${layout.keys} lacks the key-encryption key.`, {
        hint: 'Restore keys/kek, or set ANNALS_KEK; without it the log can only be read.',
      })
    }
    const signer = await openFileSigner(layout, description.origin, before === undefined)
    const runs = machineBoot()
    let boot = { boot: nextBoot(before, description.recorder), machineBoot: runs }
    const clean = before?.clean === true
    // Before any thread opens one, and before the new state says to readers that they can be believed.
    if (!trustsOpenIndexes(before, runs)) removeOpenIndexes(layout.chunks)
    await saveWriterState(layout, { ...boot, clean: false })

    const shared = new SharedState()
    const query = new Thread(moduleBeside(import.meta.url, './read/query-worker'), {
      dir: layout.dir,
      shared: shared.buffer,
    })
    const log = new EmbeddedLog({
      layout,
      period: description.period,
      shared,
      clean,
      read: async (from, to) => (await query.call('read', from, to)) as RawRecords,
      limits: options.segments,
    })
    const keys = await EmbeddedKeys.open(layout, kek, () => shared.size)
    const { tree } = await log.open()
    const next = nextBoot(before, description.recorder, log.lastSource)
    if (next > boot.boot) {
      boot = { boot: next, machineBoot: runs }
      await saveWriterState(layout, { ...boot, clean: false })
    }
    if (!clean && tree.size > 0) await keys.rebind(keyRefs(log, await keys.boundTo(), tree.size), tree.size)
    const indexing = startIndexing(layout, shared, onError)
    const identity: LogIdentity = {
      origin: description.origin,
      period: description.period,
      source: `${description.recorder}/${boot.boot}`,
    }
    const inbox = new Inbox(layout, onError)
    return new EmbeddedStore({
      inbox,
      identity,
      log,
      keys,
      signer,
      layout,
      lock,
      shared,
      query,
      indexing,
      boot,
    })
  }

  async close(): Promise<void> {
    try {
      await this.keys.close()
      await this.log.close()
      await this.#query.close()
      this.#shared.stop()
      this.#indexing.ref()
      await new Promise<void>(resolve => {
        if (this.#indexing.threadId === -1) resolve()
        else this.#indexing.once('exit', () => resolve())
      })
      await saveWriterState(this.#layout, { ...this.#boot, clean: true })
    } finally {
      this.#lock.release()
    }
  }
}

function startIndexing(layout: Layout, shared: SharedState, onError: (error: Error) => void): Worker {
  const worker = new Worker(moduleBeside(import.meta.url, './index/index-worker'), {
    workerData: { dir: layout.dir, shared: shared.buffer },
  })
  worker.unref()
  worker.on('message', (error: Error) => onError(error))
  worker.on('error', error => onError(error as Error))
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
