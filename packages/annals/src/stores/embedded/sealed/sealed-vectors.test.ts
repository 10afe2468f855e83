import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRecord, type StoredRecord } from '../../../log/record-bytes.ts'
import { leafOf } from '../leaf-of.ts'
import { encodeBlock, type SealedRecord } from './encode-block.ts'
import { SealedFile } from './sealed-file.ts'
import { BLOCK_RECORDS, formatSealedHead } from './sealed-head.ts'
import { SealedWriter } from './sealed-writer.ts'
import { formatSpineHead } from './spine.ts'

// Vectors of spec/log-v1.md section 16. They are frozen: a changed format gets a new file beside the old. Running this with
// ANNALS_WRITE_VECTORS=1 makes the file when it is missing. The compressed bytes are those of one version of Brotli: another
// may compress otherwise, so a writer is held to the blocks before compression, and a reader to the files.
const FILE = new URL('../../../../../../spec/vectors/sealed-v1.json', import.meta.url)
const ENTRIES = new URL('../../../../../../spec/vectors/log-v1.json', import.meta.url)

interface Vector {
  readonly name: string
  readonly chunk: number
  readonly first: number
  readonly end: number
  /** SHA-256 of every record as it is read back, in the encoding of section 10, back to back; hex. */
  readonly records: string
  /** SHA-256 of each block before compression; hex. */
  readonly blocks: readonly string[]
  /** The whole file; hex. */
  readonly sealed: string
  /** The spine of the same positions; hex. */
  readonly spine: string
}

interface Vectors {
  readonly about: string
  readonly segments: readonly Vector[]
}

interface GivenEntry {
  readonly text: string
  readonly leaf: string
  readonly record: string
}

const entries = (JSON.parse(readFileSync(ENTRIES, 'utf8')) as { readonly entries: readonly GivenEntry[] })
  .entries
const given = entries.map(({ record }) => readRecord(Buffer.from(record, 'hex'), 0, 'all'))

/** More than a block has. */
const many = Array.from({ length: 130 }, (_, i) => given[i % 3] as StoredRecord)

/** The first entry as it is, the second without `who`, the third thinned. */
function reduced(): readonly SealedRecord[] {
  const [first, second, third] = given as [StoredRecord, StoredRecord, StoredRecord]
  const parts = second.parts.map(part => (part.name === 'who' ? { ...part, bytes: null } : part))
  const thinned = { leaf: Buffer.from(leafOf(third), 'latin1'), retention: 'standard' }
  return [first, { entry: second.entry, parts }, { entry: Buffer.alloc(0), parts: [], thinned }]
}

function make(name: string, chunk: number, first: number, records: readonly SealedRecord[]): Vector {
  const path = join(temporary, 'vector.sealed')
  const end = first + records.length
  const writer = new SealedWriter(path, { chunk, first, end })
  const blocks: string[] = []
  for (let at = 0; at < records.length; at += BLOCK_RECORDS) {
    const block = records.slice(at, at + BLOCK_RECORDS)
    blocks.push(sha256(encodeBlock(block)))
    const { i, t } = JSON.parse((entries[at % entries.length] as GivenEntry).text) as { i: string; t: number }
    writer.add(block, { id: i, time: t })
  }
  writer.finish()
  const file = new SealedFile(path)
  const back = blocks.flatMap((_, i) => {
    const block = file.block(i)
    return Array.from({ length: block.count }, (_, row) => block.record(row))
  })
  file.close()
  const leaves = back.map(record => Buffer.from(leafOf(record), 'latin1'))
  return {
    name,
    chunk,
    first,
    end,
    records: sha256(Buffer.concat(back.map(record => record.bytes))),
    blocks,
    sealed: readFileSync(path).toString('hex'),
    spine: Buffer.concat([formatSpineHead({ chunk, first, end }), ...leaves]).toString('hex'),
  }
}

const temporary = mkdtempSync(join(tmpdir(), 'annals-vectors-'))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

let vectors: Vectors

beforeAll(() => {
  if (!existsSync(FILE) && process.env['ANNALS_WRITE_VECTORS'] === '1') {
    const made: Vectors = {
      about: 'Vectors of spec/log-v1.md section 16; the entries are those of log-v1.json. Bytes are hex.',
      segments: [
        make('as it is sealed', 0, 0, given),
        make('after erasure and retention', 0, 0, reduced()),
        make('of two blocks, in the middle of a chunk', 4_294_967_296, 4_294_967_396, many),
      ],
    }
    writeFileSync(FILE, `${JSON.stringify(made, null, 1)}\n`)
  }
  vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors
})

describe('vectors of sealed segments', () => {
  it('are there: as it is sealed, reduced, and of several blocks', () => {
    expect(vectors.segments.map(({ name }) => name)).toHaveLength(3)
  })

  it('are what this version writes before it compresses', () => {
    for (const [i, records] of [given, reduced(), many].entries()) {
      const { blocks, ...vector } = vectors.segments[i] as Vector
      const made = blocks.map((_, n) =>
        encodeBlock(records.slice(n * BLOCK_RECORDS, (n + 1) * BLOCK_RECORDS)),
      )
      expect(made.map(sha256)).toEqual(blocks)
      const head = formatSpineHead(vector)
      expect(vector.spine.startsWith(head.toString('hex'))).toBe(true)
    }
  })

  it('are read by this version as the records they say', () => {
    const path = join(temporary, 'vector.sealed')
    for (const vector of vectors.segments) {
      const bytes = Buffer.from(vector.sealed, 'hex')
      writeFileSync(path, bytes)
      const file = new SealedFile(path)
      expect(file.head).toMatchObject({ chunk: vector.chunk, first: vector.first, end: vector.end })
      const back = file.directory.flatMap((_, i) => {
        const block = file.block(i)
        return Array.from({ length: block.count }, (_, row) => block.record(row).bytes)
      })
      expect(sha256(Buffer.concat(back))).toBe(vector.records)
      const head = formatSealedHead(file.head, file.directory)
      expect(bytes.subarray(0, head.length).equals(head)).toBe(true)
      file.close()
    }
  })

  it('are what the specification says, read without the code of the product', () => {
    for (const vector of vectors.segments) {
      const read = readByTheBook(Buffer.from(vector.sealed, 'hex'))
      expect([read.chunk, read.first, read.end]).toEqual([vector.chunk, vector.first, vector.end])
      expect(read.blocks.map(sha256)).toEqual(vector.blocks)
      const [first] = read.directory
      expect(first).toEqual({ time: 1_763_712_000_000, id: '019aa56d600070008000000000000001' })
      const leaves: Buffer[] = []
      for (const [i, record] of read.records.entries()) {
        const entry = entries[i % 3] as GivenEntry
        leaves.push(record.leaf)
        expect(record.leaf.toString('hex')).toBe(entry.leaf)
        if (record.kind === 1) expect(record.entry).toBe(entry.text)
      }
      const spine = Buffer.from(vector.spine, 'hex')
      expect(spine.toString('latin1', 0, 16)).toBe('annals-spine/v1\0')
      expect([16, 24, 32].map(at => Number(spine.readBigUInt64BE(at)))).toEqual([
        read.chunk,
        read.first,
        read.end,
      ])
      expect(spine.readUInt32BE(40)).toBe(crc32(spine.subarray(0, 40)))
      expect(spine.subarray(44, 64).equals(Buffer.alloc(20))).toBe(true)
      expect(spine.subarray(64).equals(Buffer.concat(leaves))).toBe(true)
    }
    const [, gone] = vectors.segments as [Vector, Vector]
    const { records } = readByTheBook(Buffer.from(gone.sealed, 'hex'))
    expect(records[1]?.parts.find(part => part.name === 'who')).toEqual({
      name: 'who',
      flags: 1,
      keys: [],
      bytes: '',
    })
    expect(records[2]).toMatchObject({ kind: 3, retention: 'standard', parts: [] })
  })
})

interface ReadRecord {
  readonly kind: number
  readonly leaf: Buffer
  readonly retention?: string
  entry: string
  readonly parts: { name: string; flags: number; keys: string[]; bytes: string }[]
}

/** A reader written from section 16 alone. */
function readByTheBook(file: Buffer): {
  chunk: number
  first: number
  end: number
  directory: { time: number; id: string }[]
  blocks: Buffer[]
  records: ReadRecord[]
} {
  expect(file.toString('latin1', 0, 16)).toBe('annals-sealed/v1')
  const [chunk, first, end] = [16, 24, 32].map(at => Number(file.readBigUInt64BE(at))) as [
    number,
    number,
    number,
  ]
  const count = file.readUInt32BE(40)
  expect(file.readUInt32BE(44)).toBe(crc32(file.subarray(0, 44)))
  expect(file.subarray(48, 64).equals(Buffer.alloc(16))).toBe(true)
  const lines = file.subarray(64, 64 + 48 * count)
  expect(file.readUInt32BE(64 + 48 * count)).toBe(crc32(lines))
  const directory: { time: number; id: string }[] = []
  const blocks: Buffer[] = []
  const records: ReadRecord[] = []
  let next = 64 + 48 * count + 4
  for (let k = 0; k < count; k++) {
    const line = lines.subarray(48 * k, 48 * k + 48)
    expect(Number(line.readBigUInt64BE(0))).toBe(next)
    const stored = file.subarray(next, next + line.readUInt32BE(8))
    expect(line.readUInt32BE(16)).toBe(crc32(stored))
    expect(line.readUInt32BE(20)).toBe(0)
    directory.push({ time: Number(line.readBigUInt64BE(24)), id: line.toString('hex', 32) })
    const block = brotliDecompressSync(stored)
    expect(block.length).toBe(line.readUInt32BE(12))
    blocks.push(block)
    records.push(...readBlock(block, Math.min(128, end - first - 128 * k)))
    next += stored.length
  }
  expect(next).toBe(file.length)
  return { chunk, first, end, directory, blocks, records }
}

function readBlock(block: Buffer, expected: number): ReadRecord[] {
  let at = 0
  const take = (length: number): Buffer => {
    at += length
    return block.subarray(at - length, at)
  }
  const number = (length: number): number => take(length).readUIntBE(0, length)
  const heads: { record: ReadRecord; entry: number; lengths: number[] }[] = []
  expect(number(2)).toBe(expected)
  for (let i = 0; i < expected; i++) {
    const kind = number(1)
    if (kind === 3) {
      const leaf = take(32)
      const retention = take(number(1)).toString('latin1')
      heads.push({ record: { kind, leaf, retention, entry: '', parts: [] }, entry: 0, lengths: [] })
      continue
    }
    expect(kind).toBe(1)
    const head = {
      record: { kind, leaf: Buffer.alloc(32), entry: '', parts: [] } as ReadRecord,
      entry: number(2),
      lengths: [] as number[],
    }
    for (let parts = number(1); parts > 0; parts--) {
      const part = {
        name: take(number(1)).toString('latin1'),
        flags: number(1),
        keys: [] as string[],
        bytes: '',
      }
      for (let keys = number(2); keys > 0; keys--) part.keys.push(take(32).toString('hex'))
      head.record.parts.push(part)
      head.lengths.push(number(4))
    }
    heads.push(head)
  }
  for (const { record, entry } of heads) {
    if (record.kind === 3) continue
    record.entry = take(entry).toString('utf8')
    createHash('sha256').update('\0').update(record.entry).digest().copy(record.leaf)
  }
  for (let column = 0; column < Math.max(...heads.map(head => head.lengths.length)); column++) {
    for (const { record, lengths } of heads) {
      const part = record.parts[column]
      if (part !== undefined) part.bytes = take(lengths[column] as number).toString('utf8')
    }
  }
  expect(at).toBe(block.length)
  return heads.map(head => head.record)
}
