import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyedHash } from './keyed-hash.ts'

const KEY = Uint8Array.from({ length: 16 }, (_, n) => n)
const BITS_64: bigint = (1n << 64n) - 1n
const BITS_53: bigint = (1n << 53n) - 1n

it.each([
  [0, '310e0edd47db6f72'],
  [2, '5a4fa9d909806c0d'],
  [4, 'b7877127e09427cf'],
  [6, 'cee3fe586e46c9cb'],
  [8, '6224939a79f5f593'],
])('is SipHash-2-4: the reference vector of %i bytes', (bytes, vector) => {
  const message = Buffer.from(Array.from({ length: bytes }, (_, n) => n)).toString('utf16le')
  const whole = Buffer.from(vector, 'hex').readBigUInt64LE()
  expect(new KeyedHash(KEY).of(message)).toBe(Number(whole & BITS_53))
})

it('is what the words of the paper say, for any text under any key', () => {
  const text = fc.string({ unit: 'binary', maxLength: 100 })
  const key = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(key, text, fc.option(text, { nil: undefined }), (bytes, first, second) => {
      const hash = new KeyedHash(bytes)
      const message = second === undefined ? first : `${first}\0${second}`
      const expected = reference(bytes, Buffer.from(message, 'utf16le'))
      expect(hash.of(first, second)).toBe(expected)
      // Nothing of the text before is left, however long it was.
      hash.of('ÿ'.repeat(3_000))
      expect(hash.of(message)).toBe(expected)
    }),
    { numRuns: 300 },
  )
})

it('says nothing under another key, and keeps texts apart', () => {
  const [one, other] = [new KeyedHash(KEY), new KeyedHash(KEY.map(byte => byte + 1))]
  const texts = Array.from({ length: 2_000 }, (_, n) => `user\0u${n}`)
  expect(new Set(texts.map(text => one.of(text))).size).toBe(texts.length)
  expect(texts.filter(text => one.of(text) === other.of(text))).toEqual([])
  expect(() => new KeyedHash(KEY.subarray(1))).toThrow(TypeError)
})

/** SipHash-2-4 in 64-bit words. */
function reference(key: Uint8Array, message: Buffer): number {
  const rotl = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & BITS_64
  const k0 = Buffer.from(key).readBigUInt64LE(0)
  const k1 = Buffer.from(key).readBigUInt64LE(8)
  let v0 = k0 ^ 0x736f6d6570736575n
  let v1 = k1 ^ 0x646f72616e646f6dn
  let v2 = k0 ^ 0x6c7967656e657261n
  let v3 = k1 ^ 0x7465646279746573n
  const round = (): void => {
    v0 = (v0 + v1) & BITS_64
    v1 = rotl(v1, 13n) ^ v0
    v0 = rotl(v0, 32n)
    v2 = (v2 + v3) & BITS_64
    v3 = rotl(v3, 16n) ^ v2
    v0 = (v0 + v3) & BITS_64
    v3 = rotl(v3, 21n) ^ v0
    v2 = (v2 + v1) & BITS_64
    v1 = rotl(v1, 17n) ^ v2
    v2 = rotl(v2, 32n)
  }
  const padded = Buffer.alloc(Math.floor(message.length / 8) * 8 + 8)
  message.copy(padded)
  padded[padded.length - 1] = message.length & 0xff
  for (let at = 0; at < padded.length; at += 8) {
    const block = padded.readBigUInt64LE(at)
    v3 ^= block
    round()
    round()
    v0 ^= block
  }
  v2 ^= 0xffn
  for (let n = 0; n < 4; n++) round()
  return Number((v0 ^ v1 ^ v2 ^ v3) & BITS_53)
}
