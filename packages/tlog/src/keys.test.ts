import { expect, test } from 'vitest'
import { ed25519Verifier, formatVerifierKey, keyId, parseVerifierKey, TYPE_ED25519 } from './index.ts'
import { codeOf, ed25519Verify, keyPair, type NoteVectors, sha, unhex, vectors } from './testing/support.ts'

const { go, own } = vectors<NoteVectors>('tlog-notes')

test('key ids and verifier keys are those of Go', () => {
  const { publicKey } = keyPair(unhex(go.seed))
  expect(keyId(sha, go.name, TYPE_ED25519, publicKey)).toBe(go.keyId)
  expect(formatVerifierKey(sha, go.name, TYPE_ED25519, publicKey)).toBe(go.vkey)
  expect(parseVerifierKey(sha, go.vkey)).toEqual({ name: go.name, keyId: go.keyId, type: 1, publicKey })
})

test('one character changed anywhere is refused', async () => {
  for (let at = 0; at < go.vkey.length; at++) {
    for (const other of ['A', 'b', '+', '=', ' ']) {
      const changed = go.vkey.slice(0, at) + other + go.vkey.slice(at + 1)
      if (changed === go.vkey) continue
      expect(await codeOf(() => parseVerifierKey(sha, changed))).toBe('E_KEY_FORMAT')
    }
  }
})

test('malformed keys and other types', async () => {
  const bad = [
    '',
    'a',
    'a+b',
    'a+00000000+',
    '+c74f20a3+ARpc',
    go.vkey.replace('c74f20a3', 'C74F20A3'),
    `${go.vkey}\n`,
  ]
  for (const vkey of bad) expect(await codeOf(() => parseVerifierKey(sha, vkey))).toBe('E_KEY_FORMAT')
  expect(await codeOf(() => ed25519Verifier(sha, own.witnessVkey, ed25519Verify))).toBe('E_KEY_FORMAT')
  const short = formatVerifierKey(sha, 'k', TYPE_ED25519, new Uint8Array(31))
  expect(await codeOf(() => ed25519Verifier(sha, short, ed25519Verify))).toBe('E_KEY_FORMAT')
  expect(() => keyId(sha, 'k', 256, new Uint8Array(32))).toThrow(RangeError)
  expect(() => keyId(sha, 'a+b', 1, new Uint8Array(32))).toThrow(TypeError)
  expect(() => parseVerifierKey(sha, 5 as unknown as string)).toThrow(TypeError)
})

test('a signature of another length is not put to the verifier', async () => {
  const verifier = ed25519Verifier(sha, go.vkey, () => true)
  expect(await verifier.verify(new Uint8Array(1), new Uint8Array(63))).toBe(false)
  expect(await verifier.verify(new Uint8Array(1), new Uint8Array(64))).toBe(true)
})
