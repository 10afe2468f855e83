import type { ArchiveManifest } from '../../log/archive-manifest.ts'
import { ENTRIES_OBJECT, partsObject } from '../../log/archive-path.ts'
import { type Digest, sha256 } from '../../log/digest.ts'
import type { ClassSecrets } from '../../log/key-store.ts'
import { ClassDigests } from '../class-digests.ts'
import type { Findings } from '../findings.ts'
import { checkNeighbours } from '../neighbours.ts'
import type { SourceCounters } from '../source-ranges.ts'
import { entryFault, readStrictEntry, type StrictEntry, splitCommitments } from '../strict-entry.ts'
import type { TreeFold } from '../tree-fold.ts'
import type { ArchiveSecrets } from './archive-source.ts'
import type { Explained } from './explained.ts'
import { ObjectFeed, UnreadableObject } from './object-feed.ts'
import { openPart } from './open-part.ts'

/** Most bytes of a slot. */
const MOST_SLOT = 9 * 1024 * 1024
/** Entries between two reports of progress. */
const EVERY = 8_192

/** What one verification of many chunks has in common. */
export interface ChunkSurroundings {
  readonly findings: Findings
  readonly counters: SourceCounters
  readonly explained: Explained
  /** Undefined when parts cannot be opened, or are not to be. */
  readonly secrets: ArchiveSecrets | undefined
  readonly entriesOnly: boolean
  /** Last entry of the chunk before: id and time. */
  last: { id: string; time: number } | undefined
  /** Told every entry of the log itself whose content was held against its commitment. */
  own(action: string, what: string, index: number, time: number): void
  /** Told now and then how many more entries were read. */
  progress(entries: number): void
}

/** What a chunk came to. */
export interface ChunkRead {
  /** All its entries were read. */
  readonly whole: boolean
  /** Entries that were checked. */
  readonly checked: number
}

/**
 * Reads a chunk of an archive once, from its first entry to the last, with the parts beside it, and checks all that does not need
 * the signed roots. The fold has the tree over the entries when it resolves.
 */
export async function checkChunk(
  manifest: ArchiveManifest,
  open: (object: string) => AsyncIterable<Uint8Array>,
  fold: TreeFold,
  around: ChunkSurroundings,
): Promise<ChunkRead> {
  const check = new ChunkCheck(manifest, open, fold, around)
  return await check.run()
}

class ChunkCheck {
  readonly #manifest: ArchiveManifest
  readonly #open: (object: string) => AsyncIterable<Uint8Array>
  readonly #fold: TreeFold
  readonly #around: ChunkSurroundings
  readonly #classes = new ClassDigests()
  /** Null: the object is missing or broken, which was reported. */
  readonly #parts = new Map<string, ObjectFeed | null>()
  readonly #secrets = new Map<string, ClassSecrets | undefined>()
  #scratch: Buffer = Buffer.allocUnsafeSlow(128 * 1024)
  #checked = 0
  #first: number | undefined
  #last: number | undefined

  constructor(
    manifest: ArchiveManifest,
    open: (object: string) => AsyncIterable<Uint8Array>,
    fold: TreeFold,
    around: ChunkSurroundings,
  ) {
    this.#manifest = manifest
    this.#open = open
    this.#fold = fold
    this.#around = around
  }

  async run(): Promise<ChunkRead> {
    const { lo, hi } = this.#manifest
    const entries = new ObjectFeed(this.#open(ENTRIES_OBJECT), 'gzip')
    let index = lo
    try {
      for (; index < hi; index++) {
        if (!(await this.#entry(index, entries))) break
        if ((index - lo) % EVERY === EVERY - 1) this.#around.progress(EVERY)
      }
      if (index < hi)
        this.#add('E_ENTRY_MISSING', index, `The entries end here; the manifest says ${hi - lo} of them.`)
      const { left, ...read } = await entries.finish()
      this.#held(ENTRIES_OBJECT, read)
      if (left > 0) this.#add('E_ARCHIVE_OBJECT', hi, 'Bytes follow the last entry.')
    } catch (error) {
      this.#broken(ENTRIES_OBJECT, error)
      await entries.close()
    }
    this.#around.progress((hi - lo) % EVERY)
    await this.#finishParts(index === hi)
    if (index === hi) this.#checkStatements()
    return { whole: index === hi, checked: this.#checked }
  }

  /** Checks one entry with its parts; false when there is none any more. */
  async #entry(index: number, feed: ObjectFeed): Promise<boolean> {
    while (!feed.has(2)) if (!(await feed.fill())) return this.#cut(feed)
    const length = feed.held.readUInt16BE(feed.at)
    if (length === 0) return await this.#thinned(index, feed)
    while (!feed.has(2 + length)) if (!(await feed.fill())) return this.#cut(feed)
    const { held } = feed
    const from = feed.at + 2
    feed.at = from + length
    this.#scratch[0] = 0
    held.copy(this.#scratch, 1, from, from + length)
    this.#fold.push(0, sha256(this.#scratch.subarray(0, length + 1)))
    const entry = readStrictEntry(held.toString('latin1', from, from + length))
    if (entry === undefined) {
      const fault = entryFault(held.subarray(from, from + length))
      this.#add(
        fault?.code ?? 'E_ENTRY_FORMAT',
        index,
        `The entry is refused: ${fault?.message ?? 'no entry'}.`,
      )
      return true
    }
    this.#order(index, entry)
    this.#classes.add(entry.retention, index)
    if (!this.#around.entriesOnly) await this.#entryParts(index, entry)
    this.#checked++
    return true
  }

  async #thinned(index: number, feed: ObjectFeed): Promise<boolean> {
    while (!feed.has(35)) if (!(await feed.fill())) return this.#cut(feed)
    const length = feed.held.readUInt8(feed.at + 34)
    while (!feed.has(35 + length)) if (!(await feed.fill())) return this.#cut(feed)
    const { held, at } = feed
    this.#fold.push(0, held.toString('latin1', at + 2, at + 34) as Digest)
    const retention = held.toString('latin1', at + 35, at + 35 + length)
    feed.at = at + 35 + length
    this.#classes.add(retention, index)
    this.#around.explained.thinned(this.#manifest.lo, retention, index)
    return true
  }

  #cut(feed: ObjectFeed): false {
    if (feed.at < feed.held.length) throw new RangeError('an entry is cut short')
    return false
  }

  #order(index: number, entry: StrictEntry): void {
    const { findings, counters, last } = this.#around
    const { id, recordedAt: time, source, counter } = entry
    if (last !== undefined) checkNeighbours(findings, last.id, last.time, { index, id, time })
    this.#around.last = { id, time }
    this.#first ??= index === this.#manifest.lo ? time : Number.NaN
    this.#last = index === this.#manifest.hi - 1 ? time : Number.NaN
    if (!counters.add(source, counter, index))
      this.#add('E_DUP_ID', index, `Source ${source} used its counter ${counter} before.`)
  }

  async #entryParts(index: number, entry: StrictEntry): Promise<void> {
    const { retention } = entry
    const feed = this.#feed(retention)
    if (feed === null) return
    const object = partsObject(retention)
    try {
      for (const { name, commitment } of splitCommitments(entry.commitments)) {
        while (!feed.has(4)) if (!(await feed.fill())) throw new RangeError('slots are missing at its end')
        const size = feed.held.readUInt32BE(feed.at)
        if (size === 0) {
          feed.at += 4
          this.#around.explained.lost({ index, name, chunk: this.#manifest.lo, retention })
          continue
        }
        if (size > MOST_SLOT || size < 22)
          throw new RangeError(`a slot at position ${index} has an impossible length`)
        while (!feed.has(4 + size))
          if (!(await feed.fill())) throw new RangeError('its last slot is cut short')
        const slot = feed.held.subarray(feed.at + 4, feed.at + 4 + size)
        feed.at += 4 + size
        if (slot.readUInt16BE(0) * 16 + 22 > size) throw new RangeError(`a slot at position ${index} is none`)
        if (this.#around.secrets !== undefined) this.#part(index, entry, name, commitment, slot)
      }
    } catch (error) {
      this.#broken(object, error)
      await feed.close()
      this.#parts.set(retention, null)
    }
  }

  #part(index: number, entry: StrictEntry, name: string, commitment: string, slot: Buffer): void {
    const { retention, action } = entry
    const { lo: chunk, origin } = this.#manifest
    const { explained } = this.#around
    const around = this.#around.secrets as ArchiveSecrets
    if (!this.#secrets.has(retention)) this.#secrets.set(retention, around.secrets(chunk, retention))
    const secrets = this.#secrets.get(retention)
    if (secrets === undefined) {
      explained.classLost(chunk, retention, index)
      return
    }
    const opened = openPart({ origin, chunk, index, name, commitment }, slot, secrets, id =>
      around.subjectKey(id),
    )
    switch (opened.kind) {
      case 'opened':
        if (name === 'what' && action.startsWith('log.'))
          this.#around.own(action, opened.bytes.toString('utf8'), index, entry.recordedAt)
        break
      case 'shredded':
        explained.lost({ index, name, chunk, retention, key: opened.key })
        break
      case 'ciphertext':
        this.#add('E_PART_CIPHERTEXT', index, `Part "${name}" is not what was encrypted here: ${opened.why}.`)
        break
      case 'mismatch':
        this.#add('E_PART_MISMATCH', index, `Part "${name}" is not what was recorded.`)
    }
  }

  #feed(retention: string): ObjectFeed | null {
    const known = this.#parts.get(retention)
    if (known !== undefined) return known
    const object = partsObject(retention)
    let feed: ObjectFeed | null = null
    if (Object.hasOwn(this.#manifest.objects, object)) feed = new ObjectFeed(this.#open(object))
    else
      this.#add(
        'E_ARCHIVE_OBJECT',
        this.#manifest.lo,
        `The manifest names no ${object}, and entries have parts there.`,
      )
    this.#parts.set(retention, feed)
    return feed
  }

  /** Reads every file of parts to its end, also those that no entry asked for. */
  async #finishParts(whole: boolean): Promise<void> {
    const { lo, objects } = this.#manifest
    for (const [retention, feed] of this.#parts) {
      if (feed === null) continue
      const object = partsObject(retention)
      try {
        const { left, ...read } = await feed.finish()
        this.#held(object, read)
        if (left > 0 && whole) this.#add('E_ARCHIVE_OBJECT', lo, `Bytes follow the last slot of ${object}.`)
      } catch (error) {
        this.#broken(object, error)
      }
    }
    const read = new Set([...this.#parts.keys()].map(partsObject))
    for (const object of Object.keys(objects)) {
      if (object === ENTRIES_OBJECT || read.has(object)) continue
      if (whole && !this.#around.entriesOnly)
        this.#add('E_ARCHIVE_OBJECT', lo, `${object} belongs to no entry.`)
      const feed = new ObjectFeed(this.#open(object))
      try {
        this.#held(object, await feed.finish())
      } catch (error) {
        this.#broken(object, error)
      }
    }
  }

  #held(object: string, read: { readonly bytes: number; readonly sha256: string }): void {
    const stated = this.#manifest.objects[object]
    if (stated?.bytes === read.bytes && stated.sha256 === read.sha256) return
    this.#add(
      'E_ARCHIVE_OBJECT',
      this.#manifest.lo,
      `${object} is not what the manifest says: its bytes were altered.`,
    )
  }

  #broken(object: string, error: unknown): void {
    const { lo } = this.#manifest
    if (error instanceof UnreadableObject)
      this.#add('E_ARCHIVE_UNREADABLE', lo, `${object} is absent or cannot be read.`)
    else if (error instanceof RangeError)
      this.#add('E_ARCHIVE_OBJECT', lo, `${object} is not of its form: ${error.message}.`)
    else throw error
  }

  /** What the manifest says of the entries. */
  #checkStatements(): void {
    const { lo, classes, first, last } = this.#manifest
    const wrong = (what: string): void =>
      this.#add('E_ARCHIVE_OBJECT', lo, `The manifest of the chunk states ${what} than its entries have.`)
    if (this.#first !== undefined && !Number.isNaN(this.#first) && this.#first !== first)
      wrong('another first time')
    if (this.#last !== undefined && !Number.isNaN(this.#last) && this.#last !== last)
      wrong('another last time')
    const found = this.#classes.finish()
    const names = new Set([...found.keys(), ...Object.keys(classes)])
    for (const name of names) {
      const stated = Object.hasOwn(classes, name) ? classes[name] : undefined
      const have = found.get(name)
      if (stated?.count !== have?.count || stated?.positions !== have?.positions)
        wrong(`other positions of the class "${name}"`)
    }
  }

  #add(code: string, index: number | undefined, message: string): void {
    this.#around.findings.add(code, index, message)
  }
}
