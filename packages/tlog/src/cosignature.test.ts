import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cosignatureMessage,
  cosignatureVerifier,
  cosigner,
  formatCosignature,
  parseCosignature,
  parseNote,
  signNote,
} from './index.ts'
import {
  codeOf,
  ed25519Verify,
  hex,
  keyPair,
  type NoteVectors,
  sha,
  testSeeds,
  utf8,
  vectors,
} from './testing/support.ts'

const { specCheckpoint, own } = vectors<NoteVectors>('tlog-notes')
const witness = keyPair(testSeeds[1])

test('the example of the specification', () => {
  const { text, signatures } = parseNote(utf8(specCheckpoint.note))
  expect(signatures[1]?.name).toBe('witness.example.com/w1')
  expect(parseCosignature(signatures[1]!.signature).time).toBe(specCheckpoint.time)
  expect(Buffer.from(cosignatureMessage(specCheckpoint.time, text)).toString()).toBe(
    specCheckpoint.cosignedMessage,
  )
})

test('our frozen cosignature is made again', async () => {
  const { text, signatures } = parseNote(utf8(own.note))
  const signer = cosigner(sha, { name: own.witnessName, ...witness, now: () => own.time })
  const note = parseNote(await signNote(text, [signer]))
  expect(note.signatures).toEqual([signatures[1]])
  const verifier = cosignatureVerifier(sha, own.witnessVkey, ed25519Verify)
  expect(await verifier.verify(utf8(text), signatures[1]!.signature)).toBe(true)
})

test('every byte of time and signature is covered', async () => {
  const { text, signatures } = parseNote(utf8(own.note))
  const verifier = cosignatureVerifier(sha, own.witnessVkey, ed25519Verify)
  const { signature } = signatures[1]!
  for (let at = 0; at < signature.length; at++) {
    const changed = signature.slice()
    changed[at] = changed[at]! ^ 1
    expect(await verifier.verify(utf8(text), changed)).toBe(false)
  }
  expect(await verifier.verify(utf8(text), signature.subarray(1))).toBe(false)
  expect(await verifier.verify(new Uint8Array([0xff]), signature)).toBe(false)
})

test('times around 2^31 and 2^32, and up to 2^53 - 1', async () => {
  const signature = new Uint8Array(64).fill(9)
  const times = fc.oneof(fc.integer({ min: 2 ** 31 - 9, max: 2 ** 32 + 9 }), fc.maxSafeNat())
  fc.assert(
    fc.property(times, time => {
      const bytes = formatCosignature(time, signature)
      expect(hex(bytes.subarray(0, 8))).toBe(time.toString(16).padStart(16, '0'))
      expect(parseCosignature(bytes)).toEqual({ time, signature })
    }),
  )
  const beyond = new Uint8Array(72)
  beyond[1] = 0x20
  expect(await codeOf(() => parseCosignature(beyond))).toBe('E_NOTE_FORMAT')
  expect(await codeOf(() => parseCosignature(new Uint8Array(71)))).toBe('E_NOTE_FORMAT')
  for (const time of [-1, 0.5, 2 ** 53, Number.NaN]) {
    expect(() => formatCosignature(time, signature)).toThrow(RangeError)
    expect(() => cosignatureMessage(time, 'x')).toThrow(RangeError)
  }
  expect(() => formatCosignature(1, new Uint8Array(63))).toThrow(TypeError)
})

test('a cosigner signs checkpoints only', async () => {
  const signer = cosigner(sha, { name: own.witnessName, ...witness, now: () => own.time })
  expect(await codeOf(() => signNote('hello\n', [signer]))).toBe('E_NOTE_FORMAT')
  expect(await codeOf(() => signer.sign(new Uint8Array([0xff])))).toBe('E_NOTE_FORMAT')
  const broken = cosigner(sha, { name: own.witnessName, ...witness, now: () => 1.5 })
  await expect(signNote(own.text, [broken])).rejects.toThrow(RangeError)
})
