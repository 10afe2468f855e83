import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatProof, MAX_PROOF_TEXT, parseProof } from './index.ts'
import { codeOf, hex, type NoteVectors, unhex, utf8, vectors } from './testing/support.ts'

const { own } = vectors<NoteVectors>('tlog-notes')
const proofs = vectors<{
  index: number
  extra: string
  hashes: string[]
  text: string
  textWithoutExtra: string
  specLines: { text: string; index: number; hashes: string[] }
}>('tlog-proofs')
const parts = { index: proofs.index, hashes: proofs.hashes.map(unhex), checkpoint: own.note }

test('our frozen proof', () => {
  expect(formatProof({ ...parts, extra: unhex(proofs.extra) })).toBe(proofs.text)
  expect(formatProof(parts)).toBe(proofs.textWithoutExtra)
  expect(formatProof({ ...parts, extra: new Uint8Array(0), checkpoint: utf8(own.note) })).toBe(
    proofs.textWithoutExtra,
  )
  expect(parseProof(proofs.text)).toEqual({ ...parts, extra: unhex(proofs.extra) })
  expect(parseProof(utf8(proofs.textWithoutExtra))).toEqual(parts)
})

test('the lines of the example of the specification', () => {
  const { text, index, hashes } = proofs.specLines
  const parsed = parseProof(`c2sp.org/tlog-proof@v1\n${text}\n${own.note}`)
  expect(parsed.index).toBe(index)
  expect(parsed.hashes.map(hex)).toEqual(hashes)
})

test('what is formatted is parsed, and the other way round', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(
      fc.option(fc.uint8Array({ minLength: 1 }), { nil: undefined }),
      fc.oneof(fc.integer({ min: 2 ** 31 - 5, max: 2 ** 32 + 5 }), fc.integer({ min: 0, max: 2 ** 52 - 1 })),
      fc.array(hash, { maxLength: 63 }),
      (extra, index, hashes) => {
        const text = formatProof({ extra, index, hashes, checkpoint: own.note })
        const parsed = parseProof(text)
        expect(parsed).toEqual({
          ...(extra === undefined ? {} : { extra }),
          index,
          hashes,
          checkpoint: own.note,
        })
        expect(formatProof(parsed)).toBe(text)
      },
    ),
  )
})

test('malformed texts', async () => {
  const head = 'c2sp.org/tlog-proof@v1\n'
  const hash = `${proofs.text.split('\n')[3]}\n`
  const bad = [
    '',
    head,
    `${head}index 5\n`,
    `${head}index 5\n\n`,
    `${head}\n${own.note}`,
    `${head}index 05\n\n${own.note}`,
    `${head}index -1\n\n${own.note}`,
    `${head}index 4503599627370496\n\n${own.note}`,
    `${head}index  5\n\n${own.note}`,
    `${head}Index 5\n\n${own.note}`,
    `${head}extra \nindex 5\n\n${own.note}`,
    `${head}extra AA\nindex 5\n\n${own.note}`,
    `${head}extra AA==\nextra AA==\nindex 5\n\n${own.note}`,
    `${head}index 5\nextra AA==\n\n${own.note}`,
    `${head}index 5\n${hash.slice(4)}\n${own.note}`,
    `${head}index 5\n${hash.trimEnd()} \n\n${own.note}`,
    `${head}index 5\n${hash.repeat(64)}\n${own.note}`,
    proofs.text.replace('@v1', '@v2'),
    proofs.text.replaceAll('\n', '\r\n'),
    `\ufeff${proofs.text}`,
    `${proofs.text}\ud800`,
    `${head}extra ${'A'.repeat(MAX_PROOF_TEXT)}\nindex 5\n\n${own.note}`,
  ]
  for (const text of bad) expect(await codeOf(() => parseProof(text))).toBe('E_PROOF_FORMAT')
  expect(await codeOf(() => parseProof(new Uint8Array([0xff])))).toBe('E_PROOF_FORMAT')
  expect(() => parseProof(5 as unknown as string)).toThrow(TypeError)
})

test('what cannot be a proof is not formatted', async () => {
  expect(() => formatProof({ ...parts, index: -1 })).toThrow(RangeError)
  expect(() => formatProof({ ...parts, hashes: [new Uint8Array(31)] })).toThrow(TypeError)
  const hashes = new Array<Uint8Array>(64).fill(new Uint8Array(32))
  expect(await codeOf(() => formatProof({ ...parts, hashes }))).toBe('E_PROOF_FORMAT')
  expect(await codeOf(() => formatProof({ ...parts, checkpoint: '' }))).toBe('E_PROOF_FORMAT')
  expect(await codeOf(() => formatProof({ ...parts, checkpoint: new Uint8Array([0xff]) }))).toBe(
    'E_PROOF_FORMAT',
  )
})
