import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntryBundle, encodeEntryBundle, MAX_ENTRY_SIZE } from './index.ts'
import { codeOf, hex, unhex, vectors } from './testing/support.ts'

const { bundles } = vectors<{ bundles: { entries: string[]; bytes: string }[] }>('tlog-tiles')

test('the bytes of the specification', () => {
  for (const { entries, bytes } of bundles) {
    expect(hex(encodeEntryBundle(entries.map(unhex)))).toBe(bytes)
    expect(decodeEntryBundle(unhex(bytes), entries.length).map(hex)).toEqual(entries)
  }
})

test('what is encoded is decoded, and only with its width', async () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })
  await fc.assert(
    fc.asyncProperty(entries, async list => {
      const bytes = encodeEntryBundle(list)
      expect(decodeEntryBundle(bytes, list.length).map(hex)).toEqual(list.map(hex))
      if (list.length < 256)
        expect(await codeOf(() => decodeEntryBundle(bytes, list.length + 1))).toBe('E_BUNDLE')
      if (list.length > 1)
        expect(await codeOf(() => decodeEntryBundle(bytes, list.length - 1))).toBe('E_BUNDLE')
      expect(await codeOf(() => decodeEntryBundle(bytes.subarray(0, -1), list.length))).toBe('E_BUNDLE')
      const longer = new Uint8Array([...bytes, 0])
      expect(await codeOf(() => decodeEntryBundle(longer, list.length))).toBe('E_BUNDLE')
    }),
  )
})

test('limits', () => {
  const largest = new Uint8Array(MAX_ENTRY_SIZE).fill(7)
  expect(decodeEntryBundle(encodeEntryBundle([largest]), 1)[0]).toEqual(largest)
  expect(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_SIZE + 1)])).toThrow(RangeError)
  expect(() => encodeEntryBundle([])).toThrow(RangeError)
  expect(() => encodeEntryBundle(new Array<Uint8Array>(257).fill(new Uint8Array(1)))).toThrow(RangeError)
  expect(() => decodeEntryBundle(new Uint8Array(2), 0)).toThrow(RangeError)
  expect(() => decodeEntryBundle('x' as unknown as Uint8Array, 1)).toThrow(TypeError)
})
