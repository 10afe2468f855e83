import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from './index.ts'
import { codeOf } from './testing/support.ts'

test('the same text as node, and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes)
    }),
    { numRuns: 1000 },
  )
})

test('RFC 4648 section 10', () => {
  const texts = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy']
  for (const [length, text] of texts.entries()) {
    expect(Buffer.from(fromBase64(text)).toString()).toBe('foobar'.slice(0, length))
  }
})

test('whatever is accepted is the one text of its bytes', () => {
  const alphabet = [...'AQgwBCDfxyz0159+/-_= \n', 'é', '٠']
  const near = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 9 })
  fc.assert(
    fc.property(near, text => {
      for (const [decode, encode] of [
        [fromBase64, toBase64] as const,
        [fromBase64Url, toBase64Url] as const,
      ]) {
        let bytes: Uint8Array
        try {
          bytes = decode(text)
        } catch {
          continue
        }
        expect(encode(bytes)).toBe(text)
      }
    }),
    { numRuns: 5000 },
  )
})

test('laxities of other decoders are refused', async () => {
  for (const text of [
    'Zg',
    'Zg=',
    'Zg===',
    'Zh==',
    'Zm9=',
    'Zm8',
    '=',
    '==',
    '====',
    'A',
    'Zm9v\n',
    ' Zm9v',
    'Zm-_',
    'Zm8=Zm8=',
  ]) {
    expect(await codeOf(() => fromBase64(text))).toBe('E_BASE64')
  }
  for (const text of ['Zg==', 'Zh', 'Z', 'Zm9', 'Zm+/', 'Zg\n', 'Zg ']) {
    expect(await codeOf(() => fromBase64Url(text))).toBe('E_BASE64')
  }
})
