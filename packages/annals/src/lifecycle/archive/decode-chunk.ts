import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ENTRIES_OBJECT, partsObject } from '../../log/archive-path.ts'
import { readEntry } from '../../log/entry.ts'
import type { Thinned } from '../../log/record-bytes.ts'
import { ByteReader } from './byte-reader.ts'
import { parseSlot, type Slot } from './slot.ts'

/** One entry as an archive has it. */
export interface ArchivedEntry {
  readonly index: number
  /** Bytes of the entry; none when it was thinned. */
  readonly entry: Buffer
  readonly thinned: Thinned | undefined
  readonly retention: string
  /** Its parts, by name. */
  readonly parts: readonly {
    readonly name: string
    readonly commitment: string
    /** Undefined when the part had been erased. */
    readonly slot: Slot | undefined
  }[]
}

/** Most bytes of a slot: a record's, which deflate cannot make much longer. */
const MOST_SLOT = 9 * 1024 * 1024

/**
 * Reads the entries of an archived chunk with their slots, in one pass over all its objects. The bytes are the reader's own.
 *
 * @param open begins to read an object
 * @throws RangeError when an object is not of its form, or has more or less than the others say
 */
export async function* decodeChunk(
  chunk: { readonly lo: number; readonly hi: number; readonly objects: readonly string[] },
  open: (name: string) => AsyncIterable<Uint8Array>,
): AsyncGenerator<ArchivedEntry, void, undefined> {
  const entries = new ByteReader(gunzipped(open(ENTRIES_OBJECT)))
  const parts = new Map<string, ByteReader>()
  const readers = [entries]
  const slotsOf = (retention: string): ByteReader => {
    const name = partsObject(retention)
    const known = parts.get(name)
    if (known !== undefined) return known
    if (!chunk.objects.includes(name)) throw new RangeError(`${name} is missing`)
    const reader = new ByteReader(open(name))
    parts.set(name, reader)
    readers.push(reader)
    return reader
  }
  try {
    for (let index = chunk.lo; index < chunk.hi; index++) yield await readOne(index, entries, slotsOf)
    for (const reader of readers)
      if ((await reader.take(1)) !== undefined) throw new RangeError('bytes follow')
    const unused = chunk.objects.find(name => name !== ENTRIES_OBJECT && !parts.has(name))
    if (unused !== undefined) throw new RangeError(`${unused} belongs to no entry`)
  } finally {
    for (const reader of readers) await reader.close()
  }
}

async function readOne(
  index: number,
  entries: ByteReader,
  slotsOf: (retention: string) => ByteReader,
): Promise<ArchivedEntry> {
  const length = (await entries.need(2)).readUInt16BE()
  if (length === 0) {
    const leaf = Buffer.from(await entries.need(32))
    const name = (await entries.need(1)).readUInt8()
    const retention = (await entries.need(name)).toString('latin1')
    return { index, entry: Buffer.alloc(0), thinned: { leaf, retention }, retention, parts: [] }
  }
  const entry = Buffer.from(await entries.need(length))
  const { retention, commitments } = readEntry(entry.toString('latin1'))
  const parts: ArchivedEntry['parts'][number][] = []
  for (const [name, commitment] of Object.entries(commitments)) {
    const reader = slotsOf(retention)
    const size = (await reader.need(4)).readUInt32BE()
    if (size > MOST_SLOT) throw new RangeError('a slot of an impossible length')
    const slot = size === 0 ? undefined : parseSlot(Buffer.from(await reader.need(size)))
    parts.push({ name, commitment, slot })
  }
  return { index, entry, thinned: undefined, retention, parts }
}

/** Decompresses one gzip member; anything after it is an error. */
export async function* gunzipped(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let read = 0
  const counted = Readable.from(
    (async function* () {
      for await (const piece of bytes) {
        read += piece.length
        yield piece
      }
    })(),
    { objectMode: false },
  )
  const gunzip = createGunzip()
  // The failure of either end is met by whoever reads.
  pipeline(counted, gunzip, () => {})
  for await (const piece of gunzip) yield piece as Buffer
  // zlib goes on to a further member, and leaves what is none.
  if (gunzip.bytesWritten !== read) throw new RangeError('bytes follow the compressed entries')
}
