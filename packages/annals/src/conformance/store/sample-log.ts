import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { proveConsistency } from '@annals/tlog'
import { Appender, type OpenChunk } from '../../log/appender.ts'
import { sha256Bytes } from '../../log/digest.ts'
import { GgmWalk } from '../../log/ggm.ts'
import { Item } from '../../log/item.ts'
import type { Person, SubjectKey } from '../../log/key-store.ts'
import type { Batch, Head } from '../../log/log-store.ts'
import { periodEnd } from '../../log/period.ts'
import type { Store } from '../../log/store.ts'
import { treeReader } from '../../log/tree-reader.ts'
import { IdSequence } from '../../log/uuid.ts'
import { type AuditEvent, type Draft, isLogAction } from '../../model/index.ts'
import { admitted } from './admitted.ts'
import { rootOf } from './root-of.ts'
import { recordsOf, type Written } from './written.ts'

const NEVER = Number.POSITIVE_INFINITY
const NOBODY = { recorded: () => {}, refused: () => {} }

/** When the first entry of a sample log is recorded. */
export const START: number = Date.UTC(2026, 10, 21, 10)

/**
 * A log written with the sequencer's own appender, batch by batch and at times of the test's choice, that remembers what it
 * has written.
 */
export class SampleLog {
  readonly store: Store
  /** Everything appended, by position. */
  readonly written: Written[]
  /** What the store said when it was opened. */
  readonly head: Head
  /** `recordedAt` of what comes next. */
  time: number
  readonly #appender: Appender
  #chunk: OpenChunk | undefined
  #chunkEnds: number
  /** Nothing but the log's own entries is in the chunk. */
  #own: boolean

  private constructor(store: Store, head: Head, written: readonly Written[]) {
    this.store = store
    this.head = head
    this.written = [...written]
    this.time = Math.max(START, head.lastTime)
    this.#appender = new Appender(head.tree, new IdSequence(head.lastId), store.identity.source)
    this.#chunk = head.chunk === undefined ? undefined : { lo: head.chunk.lo, walks: new Map() }
    this.#own = head.chunk?.own ?? true
    this.#chunkEnds = head.chunk === undefined || head.chunk.own ? NEVER : this.#periodEnd(head.chunk.time)
  }

  /** @param written what the store held before it was opened */
  static async on(store: Store, written: readonly Written[] = []): Promise<SampleLog> {
    return new SampleLog(store, await store.log.open(), written)
  }

  /** The same log after its store was closed and opened again. */
  async again(bench: { reopen(store: Store): Promise<Store> }): Promise<SampleLog> {
    return await SampleLog.on(await bench.reopen(this.store), this.written)
  }

  get size(): number {
    return this.written.length
  }

  /** Events so far, by position; without those that were thinned. */
  get events(): readonly AuditEvent[] {
    return this.written.flatMap(({ event, thinned }) => (thinned ? [] : [event]))
  }

  /** First position of the chunk that is being written. */
  get chunk(): number | undefined {
    return this.#chunk?.lo
  }

  /** Passes over the end of the current period. */
  nextPeriod(): void {
    this.time = this.#periodEnd(this.time)
  }

  /** Ends the open chunk as a sequencer does: with a kept checkpoint over exactly its entries. The next batch begins another. */
  async endChunk(): Promise<void> {
    const { log, signer } = this.store
    const note = await signer.sign(this.size, rootOf(this.written), old =>
      proveConsistency(sha256Bytes, old, this.size, treeReader(log, this.size)),
    )
    await log.keep(note)
    this.nextPeriod()
  }

  /** Appends drafts as one batch. */
  async append(drafts: readonly Draft[]): Promise<void> {
    await this.commit(await this.prepare(drafts))
  }

  /** Hashes drafts into a batch; it must be committed before the next is prepared. */
  async prepare(drafts: readonly Draft[]): Promise<Batch> {
    const items = drafts.map(
      draft =>
        new Item(
          admitted(draft, this.time, key => this.key(key)),
          NOBODY,
          0,
          0,
        ),
    )
    const keys = await this.#keysOf(items)
    const chunk = await this.#chunkFor(items)
    for (const item of items) {
      item.keys = item.event.persons?.map(persons =>
        persons.map(person => keys.get(nameOf(person)) as SubjectKey).sort(byId),
      )
      this.#appender.append(item, chunk, this.time)
    }
    return this.#appender.take().batch
  }

  /** Hands a batch to the store, and its buffer back to the appender: what the store keeps must be a copy. */
  async commit(batch: Batch): Promise<void> {
    const written = recordsOf(batch)
    await this.store.log.append(batch)
    this.written.push(...written)
    batch.bytes.fill(0xee)
    this.#appender.release(batch)
  }

  /** The key that an idempotency key is stored under. */
  key({ system, key }: { readonly system: string; readonly key: string }): string {
    const mac = createHmac('sha256', this.store.keys.pepper).update(`${system}\0${key}`).digest()
    return mac.subarray(0, 16).toString('base64url')
  }

  async #keysOf(items: readonly Item[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const persons = new Map<string, Person>()
    for (const { event } of items)
      for (const person of event.persons?.flat() ?? []) persons.set(nameOf(person), person)
    if (persons.size === 0) return new Map()
    const keys = await this.store.keys.subjectKeys([...persons.values()])
    assert.equal(keys.length, persons.size)
    return new Map([...persons.keys()].map((name, i) => [name, keys[i] as SubjectKey]))
  }

  async #chunkFor(items: readonly Item[]): Promise<OpenChunk> {
    if (this.#chunk === undefined || this.time >= this.#chunkEnds) {
      this.#chunk = { lo: this.#appender.size, walks: new Map() }
      this.#chunkEnds = NEVER
      this.#own = true
    }
    if (this.#own && items.some(({ event }) => !isLogAction(event.action))) {
      this.#own = false
      this.#chunkEnds = this.#periodEnd(this.time)
    }
    const { lo, walks } = this.#chunk
    const wanted = [...new Set(items.map(item => item.event.retention))].filter(name => !walks.has(name))
    if (wanted.length > 0) {
      const seeds = await this.store.keys.chunkSeeds(lo, wanted)
      for (const name of wanted) walks.set(name, new GgmWalk(seeds.get(name) ?? []))
    }
    return this.#chunk
  }

  #periodEnd(time: number): number {
    return periodEnd(this.store.identity.period, time)
  }
}

function nameOf(person: Person): string {
  return `${person.type}\0${person.id}`
}

function byId(a: SubjectKey, b: SubjectKey): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
