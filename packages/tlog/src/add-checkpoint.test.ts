import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatAddCheckpoint, formatSignatures, parseAddCheckpoint, parseSignatures } from './index.ts'
import { codeOf, hex, type NoteVectors, unhex, utf8, vectors } from './testing/support.ts'

const { own } = vectors<NoteVectors>('tlog-notes')
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

// The example of the specification, https://c2sp.org/tlog-witness.
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`

test('the example of the specification is read, and written again byte by byte', () => {
  const request = parseAddCheckpoint(utf8(EXAMPLE))
  expect(request.oldSize).toBe(20_852_014)
  expect(request.proof).toHaveLength(4)
  expect(hex(request.proof[0] as Uint8Array)).toMatch(/^3e544d0abc07/)
  expect(new TextDecoder().decode(request.checkpoint)).toMatch(/^example\.com\/behind-the-sofa\n20852163\n/)
  expect(formatAddCheckpoint(request)).toEqual(utf8(EXAMPLE))
})

test('what is formatted is parsed', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(hash, { maxLength: 63 }), (oldSize, proof) => {
      const request = { oldSize, proof, checkpoint: utf8(own.note) }
      expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request)
    }),
  )
})

test.each([
  ['nothing', ''],
  ['no blank line', 'old 1\n'],
  ['no old line', `\n\n${'x'}`],
  ['a leading zero', `old 01\n\n${'x'}`],
  ['a sign', `old +1\n\n${'x'}`],
  ['no hash', `old 1\nAAAA\n\nx`],
  ['64 hashes', `old 1\n${'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n'.repeat(64)}\nx`],
  ['a carriage return', `old 1\r\n\nx`],
])('a body with %s is refused', async (_, body) => {
  expect(await codeOf(() => parseAddCheckpoint(utf8(body)))).toBe('E_PROOF_FORMAT')
})

test('too many hashes are not sent', async () => {
  const proof = Array.from({ length: 64 }, () => unhex('00'.repeat(32)))
  expect(await codeOf(() => formatAddCheckpoint({ oldSize: 1, proof, checkpoint: utf8(own.note) }))).toBe(
    'E_PROOF_FORMAT',
  )
})

test('signature lines are written and read', () => {
  const signatures = [
    { name: 'witness.example/w1', keyId: 2_857_362_094, signature: new Uint8Array(72).fill(7) },
    { name: 'witness.example/w2', keyId: 1, signature: new Uint8Array(72).fill(8) },
  ]
  const lines = formatSignatures(signatures)
  expect(lines.split('\n')).toHaveLength(3)
  expect(parseSignatures(lines)).toEqual(signatures)
})

test.each([
  ['nothing', ''],
  ['an unended line', '— a AAAAAAA='],
  ['prose', 'sorry\n'],
])('an answer of %s is refused', async (_, lines) => {
  expect(await codeOf(() => parseSignatures(lines))).toBe('E_NOTE_FORMAT')
})
