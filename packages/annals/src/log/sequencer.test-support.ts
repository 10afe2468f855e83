import { createHash } from 'node:crypto'
import { Frontier, leafHash, type Tile } from '@annals/tlog'
import { expect } from 'vitest'
import { admitted } from '../conformance/store/admitted.ts'
import type { AnnalsError, Draft } from '../model/index.ts'
import { compareWithRecorded } from '../record/recorder.ts'
import { openMemory } from '../stores/memory/index.ts'
import type { ClockJump, Clocks } from './clock.ts'
import { digestBytes, sha256Bytes } from './digest.ts'
import { type Entry, parseEntry } from './entry.ts'
import { Item } from './item.ts'
import type { KeyStore } from './key-store.ts'
import { LeafTree, type TreeMark } from './leaf-tree.ts'
import type {
  Batch,
  Chunk,
  Head,
  LogStore,
  PartPlace,
  Positioned,
  Range,
  SealManifest,
  StagedChunk,
} from './log-store.ts'
import { Sequencer } from './sequencer.ts'
import type { SequencerLimits } from './sequencer-limits.ts'
import type { Period, Store } from './store.ts'

/** A log whose appends can be held back, delayed or made to fail. What passes goes to the real one. */
export class FaultyLog implements LogStore {
  readonly #log: LogStore
  /** Called before each append; what it throws, or does not answer, the append does. */
  before: (batch: Batch) => Promise<void> | void = () => {}
  /** Called before each checkpoint is published. */
  beforePublish: () => Promise<void> | void = () => {}
  appends = 0

  constructor(log: LogStore) {
    this.#log = log
  }

  open(): Promise<Head> {
    return this.#log.open()
  }

  async append(batch: Batch): Promise<void> {
    this.appends++
    await this.before(batch)
    await this.#log.append(batch)
  }

  read(from: number, to: number): AsyncIterable<readonly Positioned[]> {
    return this.#log.read(from, to)
  }

  hashes(tile: Tile): Promise<Uint8Array> {
    return this.#log.hashes(tile)
  }

  async publish(checkpoint: Uint8Array): Promise<void> {
    await this.beforePublish()
    await this.#log.publish(checkpoint)
  }

  keep(checkpoint: Uint8Array): Promise<void> {
    return this.#log.keep(checkpoint)
  }

  kept(size: number): Promise<Uint8Array | undefined> {
    return this.#log.kept(size)
  }

  keepToken(size: number, token: Uint8Array): Promise<void> {
    return this.#log.keepToken(size, token)
  }

  token(size: number): Promise<Uint8Array | undefined> {
    return this.#log.token(size)
  }

  chunks(): Promise<readonly Chunk[]> {
    return this.#log.chunks()
  }

  seal(lo: number): Promise<SealManifest> {
    return this.#log.seal(lo)
  }

  manifest(lo: number): Promise<SealManifest | undefined> {
    return this.#log.manifest(lo)
  }

  erase(parts: readonly PartPlace[]): Promise<void> {
    return this.#log.erase(parts)
  }

  thin(lo: number, ranges: readonly Range[]): Promise<void> {
    return this.#log.thin(lo, ranges)
  }

  drop(lo: number): Promise<void> {
    return this.#log.drop(lo)
  }

  stage(lo: number): Promise<StagedChunk> {
    return this.#log.stage(lo)
  }

  /** Holds appends until the answer is called; with an error, the held one fails. */
  hold(): (error?: Error) => void {
    let answer: (error?: Error) => void = () => {}
    const held = new Promise<Error | undefined>(resolve => {
      answer = resolve
    })
    this.before = async () => {
      const error = await held
      if (error !== undefined) throw error
    }
    return error => {
      this.before = () => {}
      answer(error)
    }
  }
}

/** A real store whose log misbehaves on demand. */
export async function faultyStore(options: { readonly period?: Period | undefined } = {}): Promise<{
  readonly store: Store
  readonly log: FaultyLog
}> {
  const real = await openMemory({ period: options.period })
  const log = new FaultyLog(real.log)
  return { store: { ...real, log }, log }
}

/** A store whose keys answer some questions otherwise. */
export function withKeys(store: Store, answers: Partial<KeyStore>): Store {
  const keys = new Proxy(store.keys, {
    get(target, name) {
      if (Object.hasOwn(answers, name)) return answers[name as keyof KeyStore]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...store, keys }
}

/** Where an event is, or why it is not. */
export type Answer =
  | { readonly id: string; readonly index: number; readonly duplicate: boolean }
  | { readonly error: AnnalsError }

/** A sequencer with its store, and what it told its listener. */
export interface Lab {
  readonly store: Store
  readonly log: FaultyLog
  readonly sequencer: Sequencer
  readonly durable: Item[]
  readonly unawaited: Item[]
  readonly jumps: ClockJump[]
  /** Sizes of the log at which a chunk ended. */
  readonly ends: number[]
  /** Called when a chunk ends; what it throws, the keeping of the checkpoint does. */
  onEnd: () => Promise<void> | void
  tree: TreeMark
  submit(draft: Draft): Promise<Answer>
  /** Reads the log back, checks that it is sound as a whole, and answers with its entries. */
  entries(): Promise<readonly Entry[]>
}

export async function lab(
  options: {
    readonly limits?: Partial<SequencerLimits>
    readonly clocks?: Clocks
    readonly period?: Period
    readonly store?: (store: Store) => Store
    /** The log to go on with, instead of a new one. */
    readonly on?: Pick<Lab, 'store' | 'log'>
  } = {},
): Promise<Lab> {
  const faulty = options.on ?? (await faultyStore({ period: options.period }))
  const store = options.store?.(faulty.store) ?? faulty.store
  const head = await store.log.open()
  const durable: Item[] = []
  const unawaited: Item[] = []
  const jumps: ClockJump[] = []
  const ends: number[] = []
  const sequencer = new Sequencer(
    store,
    head,
    {
      durable: (items, tree) => {
        durable.push(...items)
        made.tree = tree
      },
      clockJumped: jump => jumps.push(jump),
      notAwaited: item => unawaited.push(item),
      chunkEnded: async () => {
        await made.onEnd()
        ends.push(made.tree.size)
      },
      duplicate: async (item, index) => {
        for await (const [found] of store.log.read(index, index + 1)) {
          if (found !== undefined) return compareWithRecorded(item, index, found.record)
        }
        throw new Error('the index names a position that the log lacks')
      },
    },
    options.limits,
    options.clocks,
  )
  const made: Lab = {
    store,
    log: faulty.log,
    sequencer,
    durable,
    unawaited,
    jumps,
    ends,
    onEnd: () => {},
    tree: head.tree,
    submit: draft =>
      new Promise(resolve => {
        const waiter = {
          recorded: (item: Item, duplicate: boolean) =>
            resolve({ id: item.id, index: item.index, duplicate }),
          refused: (_: Item, error: AnnalsError) => resolve({ error }),
        }
        const event = admitted(draft, Date.now(), ({ system, key }) => keyOf(`${system}\0${key}`))
        sequencer.submit(new Item(event, waiter, 0, performance.now()))
      }),
    entries: () => soundEntries(store, made.tree),
  }
  return made
}

/** Reads a log back: canonical entries, dense, rising in time and id, counters contiguous per source, under the tree's root. */
export async function soundEntries(store: Store, tree: TreeMark): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  const frontier = new Frontier(sha256Bytes)
  const counters = new Map<string, number>()
  for await (const batch of store.log.read(0, Number.MAX_SAFE_INTEGER)) {
    for (const { index, record } of batch) {
      expect(index).toBe(entries.length)
      const entry = parseEntry(record.entry)
      const [source, counter] = entry.source
      expect(counter).toBe((counters.get(source) ?? 0) + 1)
      counters.set(source, counter)
      const last = entries.at(-1)
      if (last !== undefined) {
        expect(entry.recordedAt).toBeGreaterThanOrEqual(last.recordedAt)
        expect(entry.id > last.id).toBe(true)
      }
      frontier.append(leafHash(sha256Bytes, record.entry))
      entries.push(entry)
    }
  }
  expect(tree.size).toBe(entries.length)
  expect(digestBytes(new LeafTree(tree).root()).equals(frontier.root())).toBe(true)
  return entries
}

/** Runs work and answers with what no promise handler caught meanwhile. */
export async function unhandledIn(work: () => Promise<void>): Promise<unknown[]> {
  const caught: unknown[] = []
  const listeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', reason => caught.push(reason))
  try {
    await work()
    await new Promise(resolve => setTimeout(resolve, 5))
  } finally {
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
  return caught
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}
