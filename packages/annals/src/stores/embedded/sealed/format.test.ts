import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRecord } from '../../../log/record-bytes.ts'
import { decodeBlock, openBlock } from './decode-block.ts'
import { compressBlock, encodeBlock, type SealedRecord } from './encode-block.ts'
import { anyRecord, plain } from './records.test-support.ts'
import { rewriteSealed } from './rewrite-sealed.ts'
import { SealedFile } from './sealed-file.ts'
import { BLOCK_RECORDS, SealedError } from './sealed-head.ts'
import { SealedWriter } from './sealed-writer.ts'
import { temporaryDirectory } from './sealing.test-support.ts'
import { formatSpineHead, parseSpineHead, SPINE_HEADER } from './spine.ts'

const FIRST = 1_000
const start = (n: number) => ({
  time: 1_795_225_000_000 + n,
  id: `019a0000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
})

function writeFile(path: string, records: readonly SealedRecord[]): void {
  const writer = new SealedWriter(path, { chunk: 900, first: FIRST, end: FIRST + records.length })
  for (let at = 0; at < records.length; at += BLOCK_RECORDS)
    writer.add(records.slice(at, at + BLOCK_RECORDS), start(at))
  writer.finish()
}

/** Everything in a sealed segment. */
function readFile(path: string): readonly unknown[] {
  const file = new SealedFile(path)
  try {
    return file.directory.flatMap((_, i) => {
      const block = file.block(i)
      return Array.from({ length: block.count }, (_, row) => plain(block.record(row)))
    })
  } finally {
    file.close()
  }
}

function repeated(records: readonly SealedRecord[], count: number): SealedRecord[] {
  return Array.from({ length: count }, (_, i) => records[i % records.length] as SealedRecord)
}

describe('a block', () => {
  it('gives any records back, without what an erased part had', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: BLOCK_RECORDS }), records => {
        const block = decodeBlock(encodeBlock(records))
        expect(block.count).toBe(records.length)
        for (const [row, record] of records.entries()) {
          const back = block.record(row)
          expect(plain(back)).toEqual(plain(record))
          // CRCs of header and parts are those of a record.
          expect(readRecord(back.bytes, 0, 'all').length).toBe(back.length)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('refuses every shorter and longer form of itself', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), records => {
        const bytes = encodeBlock(records)
        for (let length = 0; length < bytes.length; length++)
          expect(() => decodeBlock(bytes.subarray(0, length))).toThrow(SealedError)
        expect(() => decodeBlock(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(SealedError)
      }),
      { numRuns: 20 },
    )
  })

  it('never becomes longer than the directory says, whatever it holds', () => {
    const bomb = compressBlock(Buffer.alloc(64 * 1024 * 1024))
    const line = { at: 0, length: bomb.length, raw: 1_000, crc: crc32(bomb), ...start(0) }
    expect(() => openBlock(bomb, line, 1)).toThrow(SealedError)
  })

  it('is refused when bytes follow its stream', () => {
    const raw = encodeBlock([{ entry: Buffer.from('{}'), parts: [] }])
    const stored = Buffer.concat([compressBlock(raw), Buffer.from('trailing')])
    const line = { at: 0, length: stored.length, raw: raw.length, crc: crc32(stored), ...start(0) }
    expect(() => openBlock(stored, line, 1)).toThrow('another length')
  })
})

describe('a sealed segment', () => {
  it('gives any records back', async () => {
    const path = join(temporaryDirectory(), 'any.sealed')
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 400 }),
        (some, count) => {
          const records = repeated(some, count)
          writeFile(path, records)
          expect(readFile(path)).toEqual(records.map(plain))
        },
      ),
      { numRuns: 20 },
    )
  })

  it('shows every changed byte', () => {
    const path = join(temporaryDirectory(), 'changed.sealed')
    const [record] = fc.sample(
      anyRecord.filter(({ parts }) => parts.length > 1),
      { numRuns: 1, seed: 7 },
    )
    writeFile(path, repeated([record as SealedRecord], 150))
    const bytes = readFileSync(path)
    const expected = readFile(path)
    const changed = `${path}.changed`
    for (let at = 0; at < bytes.length; at++) {
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
      writeFileSync(changed, bytes)
      let back: readonly unknown[] | string
      try {
        back = readFile(changed)
      } catch (error) {
        back = (error as Error).name
      }
      expect(back, `byte ${at}`).toBe('SealedError')
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
    }
    for (const other of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.alloc(1)])]) {
      writeFileSync(changed, other)
      expect(() => readFile(changed)).toThrow(SealedError)
    }
    expect(readFile(path)).toEqual(expected)
  })

  it('is rewritten with changed records; blocks without a change stay as they are', async () => {
    const path = join(temporaryDirectory(), 'rewritten.sealed')
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { minLength: 1, maxLength: 5 }),
        fc.dictionary(fc.integer({ min: 0, max: 299 }).map(String), anyRecord, { maxKeys: 4 }),
        async (some, changes) => {
          const records = repeated(some, 300)
          writeFile(path, records)
          const before = new SealedFile(path)
          const changed = await rewriteSealed(path, (index, record) => changes[index - FIRST] ?? record)
          expect(changed).toBe(Object.keys(changes).length > 0)
          expect(readFile(path)).toEqual(records.map((record, i) => plain(changes[i] ?? record)))
          const after = new SealedFile(path)
          for (const [i, line] of before.directory.entries()) {
            expect([after.directory[i]?.time, after.directory[i]?.id]).toEqual([line.time, line.id])
            const touched = Object.keys(changes).some(at => Math.floor(Number(at) / BLOCK_RECORDS) === i)
            if (!touched) expect(after.directory[i]?.crc).toBe(line.crc)
          }
          before.close()
          after.close()
        },
      ),
      { numRuns: 15 },
    )
  })
})

describe('a spine', () => {
  it('shows every changed byte of its header, and another length', () => {
    const head = { chunk: 900, first: FIRST, end: FIRST + 3 }
    const size = SPINE_HEADER + 96
    const bytes = formatSpineHead(head)
    expect(parseSpineHead(bytes, size)).toEqual(head)
    for (let at = 0; at < SPINE_HEADER; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      expect(() => parseSpineHead(changed, size), `byte ${at}`).toThrow(SealedError)
    }
    for (const other of [size - 32, size - 1, size + 1, size + 32])
      expect(() => parseSpineHead(bytes, other)).toThrow(SealedError)
  })
})
