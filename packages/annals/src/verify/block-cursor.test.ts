import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockCursor } from './block-cursor.ts'

/** A record of a block as spec/log-v1.md section 16 writes it: its head, its entry, its parts. */
interface Record {
  readonly head: Buffer
  readonly entry: Buffer
  readonly parts: readonly Buffer[]
}

const bytes = (most: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength: most }).map(array => Buffer.from(array))

const whole: fc.Arbitrary<Record> = fc
  .tuple(
    bytes(300),
    fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,16}$/), fc.boolean(), fc.nat(2), bytes(200)), {
      maxLength: 4,
    }),
  )
  .map(([entry, given]) => {
    const parts = given.map(([name, erased, keys, content]) => ({
      name,
      erased,
      keys: erased ? 0 : keys,
      content: erased ? Buffer.alloc(0) : content,
    }))
    const head = Buffer.alloc(4)
    head[0] = 1
    head.writeUInt16BE(entry.length, 1)
    head[3] = parts.length
    const heads = parts.map(({ name, erased, keys, content }) => {
      const head = Buffer.alloc(8 + name.length + 32 * keys)
      head[0] = name.length
      head.write(name, 1)
      head[1 + name.length] = erased ? 1 : 0
      head.writeUInt16BE(keys, 2 + name.length)
      head.writeUInt32BE(content.length, head.length - 4)
      return head
    })
    return { head: Buffer.concat([head, ...heads]), entry, parts: parts.map(({ content }) => content) }
  })

const thinned: fc.Arbitrary<Record> = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom('standard', 'a-1'))
  .map(([leaf, name]) => ({
    head: Buffer.concat([Buffer.of(3), leaf, Buffer.of(name.length), Buffer.from(name)]),
    entry: Buffer.alloc(0),
    parts: [],
  }))

const block = fc.array(fc.oneof(whole, thinned), { minLength: 1, maxLength: 8 }).map(records => {
  const count = Buffer.alloc(2)
  count.writeUInt16BE(records.length)
  const parts = [0, 1, 2, 3].flatMap(i => records.flatMap(record => record.parts[i] ?? []))
  return {
    records,
    bytes: Buffer.concat([
      count,
      ...records.map(({ head }) => head),
      ...records.map(({ entry }) => entry),
      ...parts,
    ]),
  }
})

test('finds every entry, part and leaf of a block', () => {
  fc.assert(
    fc.property(block, ({ records, bytes }) => {
      const cursor = BlockCursor.open(bytes, records.length)
      if (typeof cursor === 'string') throw new Error(cursor)
      for (const [n, { head, entry, parts }] of records.entries()) {
        if (head[0] === 3) {
          expect(cursor.move(n)).toBe(false)
          expect(Buffer.from(cursor.leaf(n), 'latin1')).toEqual(head.subarray(1, 33))
          expect(cursor.retention(n)).toBe(head.toString('latin1', 34))
          continue
        }
        expect(cursor.move(n)).toBe(true)
        expect(bytes.subarray(cursor.entryAt, cursor.entryEnd)).toEqual(entry)
        expect(cursor.count).toBe(parts.length)
        for (const [i, part] of parts.entries()) {
          const at = cursor.partAt[i]!
          expect(bytes.subarray(at, at + cursor.partLength[i]!)).toEqual(part)
        }
      }
    }),
  )
})

test('refuses a block with a byte more or less, or of another number of records, and never throws', () => {
  fc.assert(
    fc.property(block, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ records, bytes }, at, change) => {
      expect(BlockCursor.open(Buffer.concat([bytes, Buffer.of(0)]), records.length)).toBeTypeOf('string')
      expect(BlockCursor.open(bytes.subarray(0, -1), records.length)).toBeTypeOf('string')
      expect(BlockCursor.open(bytes, records.length + 1)).toBeTypeOf('string')
      const altered = Buffer.from(bytes)
      altered[at % bytes.length]! ^= change
      const cursor = BlockCursor.open(altered, records.length)
      if (typeof cursor === 'string') return
      for (const n of records.keys()) {
        if (!cursor.move(n)) continue
        expect(cursor.entryEnd).toBeLessThanOrEqual(bytes.length)
        for (let i = 0; i < cursor.count; i++)
          expect(cursor.partAt[i]! + cursor.partLength[i]!).toBeLessThanOrEqual(bytes.length)
      }
    }),
  )
})
