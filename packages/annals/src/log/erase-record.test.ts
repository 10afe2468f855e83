import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eraseRecordParts } from './erase-record.ts'
import { type EncodedPart, RecordError, readRecord, writeRecord, writeThinned } from './record-bytes.ts'

const ENTRY = '{"a":"door.open"}'

function recordOf(parts: readonly EncodedPart[]): Buffer {
  const bytes = Buffer.alloc(10_000)
  return bytes.subarray(0, writeRecord(bytes, 0, ENTRY, parts))
}

const part = (name: string): fc.Arbitrary<EncodedPart> =>
  fc.record({
    name: fc.constant(name),
    keys: fc.array(
      fc.record({
        id: fc.string({ unit: fc.constantFrom('a', 'b', '\xff'), minLength: 16, maxLength: 16 }),
        tag: fc.string({ unit: fc.constantFrom('c', 'd'), minLength: 16, maxLength: 16 }),
      }),
      { maxLength: 3 },
    ),
    bytes: fc.uint8Array({ maxLength: 60 }).map(bytes => Buffer.concat([Buffer.from('{'), bytes])),
  })

it('wipes named parts where they lie, in the form of spec section 17, and nothing else; again, it does nothing', () => {
  const names = ['internal', 'what', 'who']
  fc.assert(
    fc.property(
      fc.tuple(...names.map(part)),
      fc.subarray([...names, 'other']),
      fc.nat(20),
      (parts, wanted, at) => {
        const whole = recordOf(parts)
        const bytes = Buffer.concat([Buffer.alloc(at, 7), whole, Buffer.alloc(9, 7)])
        const gone = names.filter(name => wanted.includes(name))
        const { erased, header } = eraseRecordParts(bytes, at, new Set(wanted))
        expect(erased).toEqual(gone)
        const record = readRecord(bytes, at, 'all')
        expect(record.length).toBe(whole.length)
        expect(record.entry.toString()).toBe(ENTRY)
        for (const [i, { name, keys, bytes: content }] of record.parts.entries()) {
          const was = parts[i] as EncodedPart
          expect(record.parts[i]?.length).toBe(was.bytes.length)
          expect(keys).toEqual(
            gone.includes(name)
              ? was.keys.map(() => ({ id: '\0'.repeat(16), tag: '\0'.repeat(16) }))
              : was.keys,
          )
          expect(content === null ? null : Buffer.from(content)).toEqual(
            gone.includes(name) ? null : Buffer.from(was.bytes),
          )
        }
        let rest = at + header
        for (const { name, bytes: content } of parts) {
          const now = bytes.subarray(rest, rest + content.length)
          expect(now.every(byte => byte === 0)).toBe(gone.includes(name))
          rest += content.length
        }
        expect([bytes.subarray(0, at), bytes.subarray(rest)]).toEqual([
          Buffer.alloc(at, 7),
          Buffer.alloc(9, 7),
        ])
        const once = Buffer.from(bytes)
        expect(eraseRecordParts(bytes, at, new Set(wanted)).erased).toEqual([])
        expect(bytes.equals(once)).toBe(true)
      },
    ),
    { numRuns: 200 },
  )
})

it('finishes a record that a crash left half wiped, wherever it stopped', () => {
  const whole = recordOf([
    { name: 'what', keys: [], bytes: Buffer.from('{"data":"secret"}') },
    {
      name: 'who',
      keys: [{ id: 'i'.repeat(16), tag: 't'.repeat(16) }],
      bytes: Buffer.from('{"actor":"somebody"}'),
    },
  ])
  const wiped = Buffer.from(whole)
  eraseRecordParts(wiped, 0, new Set(['who']))
  for (let at = 0; at <= whole.length; at++) {
    for (const half of [
      Buffer.concat([wiped.subarray(0, at), whole.subarray(at)]),
      Buffer.concat([whole.subarray(0, at), wiped.subarray(at)]),
    ]) {
      eraseRecordParts(half, 0, new Set(['who']))
      expect(half.equals(wiped), String(at)).toBe(true)
    }
  }
})

it('leaves a thinned record as it is, and refuses what is no record', () => {
  const bytes = Buffer.alloc(64)
  const end = writeThinned(bytes, 0, { leaf: Buffer.alloc(32, 1), retention: 'brief' })
  const thinned = Buffer.from(bytes.subarray(0, end))
  expect(eraseRecordParts(thinned, 0, new Set(['who'])).erased).toEqual([])
  expect(thinned.equals(bytes.subarray(0, end))).toBe(true)
  const whole = recordOf([{ name: 'who', keys: [], bytes: Buffer.from('{}') }])
  for (const length of [0, 5, 11, whole.length - 1])
    expect(() => eraseRecordParts(Buffer.from(whole.subarray(0, length)), 0, new Set(['who']))).toThrow(
      RecordError,
    )
  const long = Buffer.from(whole)
  long.writeUInt32BE(3, whole.length - 2 - 8)
  long.writeUInt32BE(crc32(long.subarray(8, whole.length - 2)), 4)
  expect(() => eraseRecordParts(long, 0, new Set(['who']))).toThrow(RecordError)
})
