import { once } from 'node:events'
import { createGzip } from 'node:zlib'
import { ENTRIES_OBJECT, partsObject } from '../../log/archive-path.ts'
import { readEntry } from '../../log/entry.ts'
import type { ClassSecrets, KeyStore, SubjectKey } from '../../log/key-store.ts'
import type { Positioned } from '../../log/log-store.ts'
import type { RecordPart, StoredRecord } from '../../log/record-bytes.ts'
import { AnnalsError } from '../../model/index.ts'
import { HashedObject, type ObjectSink, type WrittenObject } from './hashed-object.ts'
import { EMPTY_SLOT, encodeSlot, type SlotKey } from './slot.ts'

/** The keys that sealing a chunk for an archive needs. It never makes any. */
export type ArchiveKeys = Pick<KeyStore, 'secrets' | 'subjectsById'>

/** A chunk to be encoded. */
export interface ChunkSource {
  readonly origin: string
  readonly lo: number
  readonly hi: number
  /** Its records, each once and in order. */
  readonly records: AsyncIterable<readonly Positioned[]>
}

/**
 * Writes a chunk in the form of an archive, all but its manifest: `spec/log-v1.md` section 18. The same records under the same keys
 * give the same bytes. Memory is that of one batch.
 *
 * @param create opens the place that an object is written to
 * @throws AnnalsError ANNALS_KEYS when content is there and its secret is not; ANNALS_CORRUPT when a record is missing
 */
export async function encodeChunk(
  source: ChunkSource,
  keys: ArchiveKeys,
  create: (name: string) => ObjectSink | Promise<ObjectSink>,
): Promise<WrittenObject[]> {
  const encoder = new ChunkEncoder(source, keys, create)
  let next = source.lo
  for await (const batch of source.records) {
    if (batch[0] !== undefined && batch[0].index !== next) break
    await encoder.add(batch)
    next += batch.length
  }
  if (next !== source.hi) {
    throw new AnnalsError('ANNALS_CORRUPT', `Position ${next} of the chunk cannot be read.`, {
      hint: 'Run verify; nothing was archived.',
    })
  }
  return await encoder.end()
}

class ChunkEncoder {
  readonly #source: ChunkSource
  readonly #keys: ArchiveKeys
  readonly #create: (name: string) => Promise<HashedObject>
  readonly #secrets = new Map<string, ClassSecrets | undefined>()
  readonly #parts = new Map<string, HashedObject>()
  #entries: GzippedObject | undefined

  constructor(
    source: ChunkSource,
    keys: ArchiveKeys,
    create: (name: string) => ObjectSink | Promise<ObjectSink>,
  ) {
    this.#source = source
    this.#keys = keys
    this.#create = async name => new HashedObject(name, await create(name))
  }

  async add(batch: readonly Positioned[]): Promise<void> {
    const subjects = await this.#subjectsOf(batch)
    const framed: Buffer[] = []
    const slots = new Map<string, Buffer[]>()
    for (const { index, record } of batch) {
      framed.push(...frameEntry(record))
      if (record.thinned !== undefined) continue
      const { retention } = readEntry(record.entry.toString('latin1'))
      const secrets = await this.#secretsOf(retention)
      const list = slots.get(retention) ?? []
      for (const part of record.parts) list.push(this.#slot(index, part, secrets, subjects))
      slots.set(retention, list)
    }
    this.#entries ??= new GzippedObject(await this.#create(ENTRIES_OBJECT))
    await this.#entries.write(Buffer.concat(framed))
    for (const [retention, list] of slots) {
      if (list.length === 0) continue
      const object = this.#parts.get(retention) ?? (await this.#create(partsObject(retention)))
      this.#parts.set(retention, object)
      await object.write(Buffer.concat(list))
    }
  }

  async end(): Promise<WrittenObject[]> {
    this.#entries ??= new GzippedObject(await this.#create(ENTRIES_OBJECT))
    const written = [await this.#entries.end()]
    for (const retention of [...this.#parts.keys()].sort())
      written.push(await (this.#parts.get(retention) as HashedObject).end())
    return written
  }

  #slot(
    index: number,
    part: RecordPart,
    secrets: ClassSecrets | undefined,
    subjects: ReadonlyMap<string, SubjectKey>,
  ): Buffer {
    if (part.bytes === null) return EMPTY_SLOT
    const { origin, lo } = this.#source
    const e = secrets?.partSeed(index - lo, part.name)
    const found = part.keys.map(({ id }) => subjects.get(id))
    if (e === undefined || found.includes(undefined)) {
      throw new AnnalsError(
        'ANNALS_KEYS',
        `Part "${part.name}" at position ${index} has content, and a key it is kept under is gone.`,
        { hint: 'An erasure did not finish, or keys/ was damaged: run verify. Nothing was archived.' },
      )
    }
    return encodeSlot({ origin, index, name: part.name }, e, found as SlotKey[], part.bytes)
  }

  async #secretsOf(retention: string): Promise<ClassSecrets | undefined> {
    if (!this.#secrets.has(retention))
      this.#secrets.set(retention, await this.#keys.secrets(this.#source.lo, retention))
    return this.#secrets.get(retention)
  }

  async #subjectsOf(batch: readonly Positioned[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const ids = new Set<string>()
    for (const { record } of batch)
      for (const part of record.parts) for (const key of part.keys) ids.add(key.id)
    return ids.size === 0 ? new Map() : await this.#keys.subjectsById([...ids])
  }
}

/** An entry as it stands in `entries.bundle`. */
function frameEntry({ entry, thinned }: StoredRecord): Buffer[] {
  const length = Buffer.allocUnsafe(2)
  length.writeUInt16BE(entry.length)
  if (thinned === undefined) return [length, entry]
  const { leaf, retention } = thinned
  return [length, leaf, Buffer.from([retention.length]), Buffer.from(retention, 'latin1')]
}

/** Compresses what is written to an object. */
class GzippedObject {
  readonly #object: HashedObject
  readonly #gzip = createGzip({ level: 9, memLevel: 9 })
  readonly #done: Promise<void>

  constructor(object: HashedObject) {
    this.#object = object
    this.#done = this.#pump()
    this.#done.catch(() => {})
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, 'drain'), this.#done])
  }

  async end(): Promise<WrittenObject> {
    this.#gzip.end()
    await this.#done
    return await this.#object.end()
  }

  async #pump(): Promise<void> {
    for await (const bytes of this.#gzip) await this.#object.write(bytes as Buffer)
  }
}
