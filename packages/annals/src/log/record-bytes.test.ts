import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type EncodedPart,
  MAX_RECORD_BYTES,
  RECORD_PREFIX,
  RecordError,
  readRecord,
  recordBound,
  writeRecord,
} from './record-bytes.ts'

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(b => Buffer.from(b).toString('latin1'))
const part: fc.Arbitrary<EncodedPart> = fc.record({
  name: fc.stringMatching(/^[a-z]{1,16}$/),
  keys: fc.array(fc.record({ id: sixteen, tag: sixteen }), { maxLength: 4 }),
  bytes: fc.uint8Array({ maxLength: 60 }),
})
const entry = fc.stringMatching(/^[ -~]{0,60}$/)

const SAMPLE = made('{"a":"machine.delete"}', [
  { name: 'what', keys: [], bytes: Buffer.from('{"é":"ö"}') },
  { name: 'who', keys: [{ id: 'k'.repeat(16), tag: '\xff'.repeat(16) }], bytes: Buffer.from('{}') },
])

describe('stored records', () => {
  it('are read as they were written, at any place, up to the bound that was reserved', () => {
    fc.assert(
      fc.property(entry, fc.array(part, { maxLength: 4 }), fc.nat(40), (text, parts, at) => {
        const keys = parts.reduce((sum, one) => sum + one.keys.length, 0)
        const texts = parts.map(({ name, bytes }) => ({ name, json: 'x'.repeat(bytes.length) }))
        const into = Buffer.alloc(at + recordBound(text, texts, keys) + 5, 0xee)
        const end = writeRecord(into, at, text, parts)
        expect(end - at).toBeLessThanOrEqual(recordBound(text, texts, keys))
        for (const check of ['all', 'header', 'none'] as const) {
          const read = readRecord(into, at, check)
          expect(read.length).toBe(end - at)
          expect(read.bytes).toEqual(into.subarray(at, end))
          expect(read.entry.toString('latin1')).toBe(text)
          expect(
            read.parts.map(({ name, keys: refs, bytes }) => ({
              name,
              keys: refs,
              bytes: [...(bytes ?? [])],
            })),
          ).toEqual(parts.map(one => ({ ...one, bytes: [...one.bytes] })))
        }
        expect(into.subarray(end)).toEqual(Buffer.alloc(into.length - end, 0xee))
      }),
      { numRuns: 300 },
    )
  })

  it('stand back to back, each ending where the next begins', () => {
    const both = Buffer.concat([SAMPLE, made('{}', []), SAMPLE])
    let at = 0
    const entries: string[] = []
    for (; at < both.length; at += readRecord(both, at, 'all').length)
      entries.push(readRecord(both, at).entry.toString())
    expect(at).toBe(both.length)
    expect(entries).toEqual(['{"a":"machine.delete"}', '{}', '{"a":"machine.delete"}'])
  })

  it('any changed bit of prefix or header is refused when headers are checked', () => {
    const bytesOfParts = Buffer.byteLength('{"é":"ö"}') + 2
    const followed = Buffer.concat([SAMPLE, Buffer.alloc(500)])
    for (let at = 0; at < SAMPLE.length - bytesOfParts; at++) {
      for (let bit = 0; bit < 8; bit++) {
        for (const whole of [SAMPLE, followed]) {
          const changed = Buffer.from(whole)
          changed[at] = (changed[at] as number) ^ (1 << bit)
          expect(() => readRecord(changed, 0, 'header'), `byte ${at}, bit ${bit}`).toThrow(RecordError)
        }
      }
    }
  })

  it('a changed bit of a part is refused when all is checked, and left to the tree when headers are', () => {
    for (let at = SAMPLE.length - 13; at < SAMPLE.length; at++) {
      const changed = Buffer.from(SAMPLE)
      changed[at] = (changed[at] as number) ^ 4
      expect(() => readRecord(changed, 0, 'all'), `byte ${at}`).toThrow(/does not match its CRC/)
      expect(readRecord(changed, 0, 'header').parts).toHaveLength(2)
    }
  })

  it('a cut at any byte is refused, never read beyond', () => {
    for (let end = 0; end < SAMPLE.length; end++)
      expect(() => readRecord(SAMPLE.subarray(0, end), 0)).toThrow(RecordError)
    expect(() => readRecord(SAMPLE, SAMPLE.length)).toThrow(RecordError)
  })

  it('arbitrary bytes give a record or a RecordError, nothing else', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 120 }).map(b => Buffer.from(b)),
      fc
        .tuple(fc.nat(SAMPLE.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }))
        .map(([at, patch]) => {
          const changed = Buffer.from(SAMPLE)
          changed.set(patch.subarray(0, changed.length - at), at)
          return changed
        }),
    )
    fc.assert(
      fc.property(
        bytes,
        fc.constantFrom('all' as const, 'header' as const, 'none' as const),
        (from, check) => {
          try {
            readRecord(from, 0, check)
          } catch (error) {
            expect(error).toBeInstanceOf(RecordError)
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('an impossible length is refused before anything is allocated', () => {
    const changed = Buffer.from(SAMPLE)
    for (const length of [0, 3, MAX_RECORD_BYTES, 0xffffffff]) {
      changed.writeUInt32BE(length, 0)
      expect(() => readRecord(changed, 0)).toThrow('impossible length')
    }
    expect(RECORD_PREFIX).toBe(8)
  })
})

function made(text: string, parts: readonly EncodedPart[]): Buffer {
  const into = Buffer.alloc(1_000)
  return into.subarray(0, writeRecord(into, 0, text, parts))
}
