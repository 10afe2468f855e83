import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseCheckpoint, parseNote } from '@annals/tlog'
import { type ArchivedEntry, decodeChunk } from '../../../lifecycle/archive/decode-chunk.ts'
import { decodeSlot, slotKeyIds } from '../../../lifecycle/archive/slot.ts'
import type { ArchiveManifest } from '../../../log/archive-manifest.ts'
import { type Digest, sha256 } from '../../../log/digest.ts'
import { readEntry } from '../../../log/entry.ts'
import { LeafTree, type TileNode } from '../../../log/leaf-tree.ts'
import type { KeyRef } from '../../../log/record-bytes.ts'
import { commitment, partSalt, partSecret } from '../../../log/secrets.ts'
import type { Period } from '../../../log/store.ts'
import { AnnalsError } from '../../../model/index.ts'
import { describeRestored } from '../description.ts'
import { replaceFile, syncDirectory } from '../files.ts'
import { indexRow } from '../index/index-row.ts'
import { SegmentIndexWriter } from '../index/segment-index.ts'
import { type Layout, layoutOf, positionName, SEGMENT_EVENTS } from '../layout.ts'
import { openRecords } from '../read/open-records.ts'
import type { SealedRecord } from '../sealed/encode-block.ts'
import { formatManifest, MANIFEST } from '../sealed/seal-manifest.ts'
import { BLOCK_RECORDS } from '../sealed/sealed-head.ts'
import { type BlockStart, SealedWriter } from '../sealed/sealed-writer.ts'
import { SEGMENT_HEADER, type SegmentRef, segmentRef } from '../segment-file.ts'
import { TileFiles } from '../tile-files.ts'
import { TileWriter } from '../tile-writer.ts'
import type { OpenSecrets } from './open-secrets.ts'

/** A chunk to be restored. */
export interface ChunkToRestore {
  readonly manifest: ArchiveManifest
  /** Begins to read one of its objects. */
  open(object: string): AsyncIterable<Uint8Array>
}

/** What {@link restoreChunks} works with. */
export interface RestoreOptions {
  /** Directory to make; it must not be there, or be empty. */
  readonly out: string
  /** Chunks that follow each other. */
  readonly chunks: readonly ChunkToRestore[]
  /** Directory of the log, for the verifier keys that are copied. */
  readonly keys: string
  readonly secrets: OpenSecrets
  /** What to say of where it comes from. */
  readonly source: string
  readonly onProgress: (done: number, total: number) => void
}

/** What was restored. */
export interface Restored {
  readonly entries: number
  /** Parts that nobody can read any more. */
  readonly lost: number
  /** Entries that are leaf hashes only. */
  readonly thinned: number
}

/**
 * Makes a directory of sealed chunks out of archived ones, to be searched and verified and never written. What was erased or
 * shredded stays so. Every entry is held against the signed root and every part against its commitment on the way.
 *
 * @throws AnnalsError ANNALS_CONFLICT when the directory holds something; ANNALS_CORRUPT for an archive that is not what was signed
 */
export async function restoreChunks(options: RestoreOptions): Promise<Restored> {
  const out = resolve(options.out)
  const there = existsSync(out) ? await readdir(out) : []
  if (there.length > 0)
    throw new AnnalsError('ANNALS_CONFLICT', `${out} is not empty.`, {
      hint: 'Restore into a new directory.',
    })
  const making = `${out}.restoring`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true, mode: 0o750 })
  try {
    const restored = await new Restoring(layoutOf(making), options).run()
    if (existsSync(out)) await rm(out, { recursive: true })
    await rename(making, out)
    syncDirectory(dirname(out))
    return restored
  } catch (error) {
    await rm(making, { recursive: true, force: true })
    throw error
  }
}

class Restoring {
  readonly #layout: Layout
  readonly #options: RestoreOptions
  readonly #total: number
  readonly #tiles: TileFiles
  #tree: LeafTree
  #entries = 0
  #lost = 0
  #thinned = 0

  constructor(layout: Layout, options: RestoreOptions) {
    this.#layout = layout
    this.#options = options
    this.#total = options.chunks.reduce((sum, { manifest }) => sum + manifest.hi - manifest.lo, 0)
    const writer = new TileWriter(layout.dir)
    this.#tiles = new TileFiles(layout.dir, {
      write: async files => writer.write(files),
      sync: async () => writer.sync(),
    })
    this.#tree = new LeafTree()
  }

  async run(): Promise<Restored> {
    const { chunks, keys, source } = this.#options
    const layout = this.#layout
    await mkdir(layout.checkpoints, { recursive: true })
    for (const chunk of chunks) await this.#chunk(chunk)
    await this.#tiles.sync()
    const [first, last] = [chunks[0] as ChunkToRestore, chunks.at(-1) as ChunkToRestore]
    await replaceFile(layout.checkpoint, last.manifest.after)
    const from = layoutOf(keys)
    for (const name of ['vkey', 'cosignerVkey'] as const)
      if (existsSync(from[name])) await copyFile(from[name], layout[name])
    await describeRestored(layout, {
      origin: first.manifest.origin,
      period: periodOf(first.manifest.period),
      restored: { from: source, lo: first.manifest.lo, hi: last.manifest.hi },
    })
    return { entries: this.#entries, lost: this.#lost, thinned: this.#thinned }
  }

  async #chunk(chunk: ChunkToRestore): Promise<void> {
    const { objects, dictionary: _, ...seal } = chunk.manifest
    const { lo, hi, before, after } = seal
    this.#tree = new LeafTree({
      size: lo,
      frontier: seal.frontier.map(hash => Buffer.from(hash, 'base64').toString('latin1')),
    })
    if (before !== undefined) this.#requireRoot(before, lo)
    const name = existsSync(join(this.#layout.chunks, seal.period))
      ? `${seal.period}.${positionName(lo)}`
      : seal.period
    await mkdir(join(this.#layout.chunks, name), { recursive: true })
    const entries = decodeChunk({ lo, hi, objects: Object.keys(objects) }, object => chunk.open(object))
    const refs: SegmentRef[] = []
    try {
      for (let at = lo; at < hi; at += SEGMENT_EVENTS) {
        const ref = segmentRef(this.#layout.chunks, name, at, 'sealed')
        await this.#segment(ref, seal, Math.min(hi, at + SEGMENT_EVENTS), entries)
        refs.push(ref)
      }
      // What follows the last entry is looked for when the next one is asked for.
      await entries.next()
    } catch (cause) {
      throw cause instanceof AnnalsError ? cause : corrupt(lo, 'its objects are not of their form', cause)
    } finally {
      await entries.return()
    }
    this.#requireRoot(after, hi)
    await replaceFile(join(this.#layout.chunks, name, MANIFEST), formatManifest(seal))
    if (before !== undefined) await replaceFile(join(this.#layout.checkpoints, positionName(lo)), before)
    await replaceFile(join(this.#layout.checkpoints, positionName(hi)), after)
    for (const ref of refs) makeIndex(ref, Math.min(hi, ref.first + SEGMENT_EVENTS))
  }

  async #segment(
    ref: SegmentRef,
    seal: { readonly lo: number; readonly origin: string; readonly first: number },
    end: number,
    entries: AsyncGenerator<ArchivedEntry, void, undefined>,
  ): Promise<void> {
    const writer = new SealedWriter(ref.path, { chunk: seal.lo, first: ref.first, end })
    try {
      let last: BlockStart = { time: seal.first, id: NO_ID }
      for (let from = ref.first; from < end; from += BLOCK_RECORDS) {
        const block: SealedRecord[] = []
        let start: BlockStart | undefined
        for (let index = from; index < Math.min(end, from + BLOCK_RECORDS); index++) {
          const { value } = await entries.next()
          if (value === undefined) throw corrupt(seal.lo, 'entries are missing')
          block.push(this.#record(seal, value))
          if (value.thinned === undefined) {
            const { recordedAt: time, id } = readEntry(value.entry.toString('latin1'))
            last = { time, id }
          }
          // Of a thinned entry nobody knows id and time any more: those before it keep the order.
          start ??= last
        }
        writer.add(block, start as BlockStart)
        await this.#tiles.room()
        this.#options.onProgress(this.#entries, this.#total)
      }
      writer.finish()
    } catch (error) {
      writer.abandon()
      throw error
    }
  }

  #record(
    { lo, origin }: { readonly lo: number; readonly origin: string },
    archived: ArchivedEntry,
  ): SealedRecord {
    const { index, entry, thinned, retention, parts } = archived
    const leaf =
      thinned === undefined ? sha256(Buffer.concat([Buffer.of(0), entry])) : thinned.leaf.toString('latin1')
    const nodes: TileNode[] = []
    this.#tree.append(leaf, nodes)
    if (this.#options.chunks[0]?.manifest.lo === 0) this.#tiles.add([leaf], nodes)
    this.#entries++
    if (thinned !== undefined) {
      this.#thinned++
      return { entry, parts: [], thinned }
    }
    const secrets = this.#options.secrets.secrets(lo, retention)
    return {
      entry,
      parts: parts.map(part => {
        const { name, slot } = part
        const e = slot === undefined ? undefined : secrets?.partSeed(index - lo, name)
        const opened =
          slot === undefined || e === undefined ? undefined : this.#open({ origin, index, name }, part, e)
        if (opened === undefined) this.#lost++
        return { name, keys: opened?.keys ?? [], bytes: opened?.bytes ?? null }
      }),
    }
  }

  #open(
    at: { readonly origin: string; readonly index: number; readonly name: string },
    { slot, commitment: committed }: ArchivedEntry['parts'][number],
    e: Digest,
  ): { readonly keys: readonly KeyRef[]; readonly bytes: Buffer } | undefined {
    if (slot === undefined) return undefined
    const { secrets } = this.#options
    const ids = slotKeyIds(slot, e)
    const keys = ids.map(id => secrets.subjectKey(id))
    if (keys.includes(undefined)) return undefined
    let bytes: Buffer
    try {
      bytes = decodeSlot(at, slot, e, keys as Digest[])
    } catch (cause) {
      throw corrupt(at.index, `part "${at.name}" was altered`, cause)
    }
    if (commitment(partSalt(partSecret(e, keys as Digest[])), at.name, bytes) !== committed)
      throw corrupt(at.index, `part "${at.name}" is not what was recorded`)
    return { keys: ids.map(id => ({ id, tag: secrets.tagOf(id) ?? '' })), bytes }
  }

  #requireRoot(note: string, size: number): void {
    const checkpoint = parseCheckpoint(parseNote(Buffer.from(note)).text)
    if (
      checkpoint.size !== size ||
      !Buffer.from(checkpoint.root).equals(Buffer.from(this.#tree.root(), 'latin1'))
    )
      throw corrupt(size, `the entries do not give the root of the checkpoint over ${size} entries`)
  }
}

/** Below every id. */
const NO_ID = '00000000-0000-7000-8000-000000000000'
/** Entries indexed at a time. */
const ROWS = 4_096

function makeIndex(ref: SegmentRef, end: number): void {
  const records = openRecords(ref)
  const writer = SegmentIndexWriter.open(ref.index, ref.first, SEGMENT_HEADER)
  try {
    for (let from = ref.first; from < end; from += ROWS) {
      const to = Math.min(end, from + ROWS)
      writer.add(to, insert => {
        records.walk(from, to, (index, record) => {
          if (record.thinned === undefined) insert(indexRow(index, record, 0))
        })
        return 0
      })
    }
    writer.finish()
  } finally {
    records.close()
  }
}

function periodOf(name: string): Period {
  if (name.length === 7) return 'month'
  return name.length === 10 ? 'day' : 'hour'
}

function corrupt(at: number, why: string, cause?: unknown): AnnalsError {
  return new AnnalsError('ANNALS_CORRUPT', `The archive cannot be restored from position ${at} on: ${why}.`, {
    cause,
    hint: 'Run "annals archive verify". Nothing was made.',
  })
}
