import { expect, test } from 'vitest'
import {
  cosignatureVerifier,
  ed25519Verifier,
  formatNote,
  keyId,
  openCheckpoint,
  parseNote,
  signNote,
} from './index.ts'
import {
  codeOf,
  ed25519Verify,
  flips,
  hex,
  keyPair,
  type NoteVectors,
  sha,
  testSeeds,
  utf8,
  vectors,
} from './testing/support.ts'

const { own } = vectors<NoteVectors>('tlog-notes')
const log = ed25519Verifier(sha, own.logVkey, ed25519Verify)
const witness = cosignatureVerifier(sha, own.witnessVkey, ed25519Verify)

test('our frozen note opens', async () => {
  const opened = await openCheckpoint(utf8(own.note), own.origin, [log], [witness])
  expect({ ...opened, root: hex(opened.root) }).toMatchObject({
    origin: own.origin,
    size: own.size,
    root: own.root,
  })
  expect(opened.text).toBe(own.text)
  expect(opened.verified.map(s => s.name)).toEqual([own.origin])
  expect(opened.witnessed.map(s => s.name)).toEqual([own.witnessName])
  expect(opened.unverified.map(s => s.name)).toEqual([own.unknownName])
})

test('another origin, and no signature by the log', async () => {
  expect(await codeOf(() => openCheckpoint(utf8(own.note), 'example.com/other', [log]))).toBe('E_ORIGIN')
  const { text, signatures } = parseNote(utf8(own.note))
  const witnessOnly = formatNote(text, signatures.slice(1))
  expect(await codeOf(() => openCheckpoint(witnessOnly, own.origin, [log], [witness]))).toBe('E_SIG_NONE')
  expect(await codeOf(() => openCheckpoint(witnessOnly, own.origin, [log]))).toBe('E_SIG_NONE')
})

test('a signed text that is no checkpoint', async () => {
  const { sign, publicKey } = keyPair(testSeeds[0])
  const signer = { name: own.origin, keyId: keyId(sha, own.origin, 1, publicKey), sign }
  const note = await signNote(`${own.origin}\nhello\n`, [signer])
  expect(await codeOf(() => openCheckpoint(note, own.origin, [log]))).toBe('E_NOTE_FORMAT')
})

test('every byte flipped: refused, or the same checkpoint with no signature more', async () => {
  const bytes = utf8(own.note)
  const known = new Set([own.origin, own.witnessName])
  let survivors = 0
  for (const changed of flips(bytes, [1, 2, 4, 8, 16, 32, 64, 128])) {
    try {
      const opened = await openCheckpoint(changed, own.origin, [log], [witness])
      survivors++
      expect(opened.text).toBe(own.text)
      for (const { name } of [...opened.verified, ...opened.witnessed]) expect(known.has(name)).toBe(true)
    } catch (error) {
      expect(await codeOf(() => Promise.reject(error as Error))).not.toBe('none')
    }
  }
  // Name and key id of the witness's line, and the line of the unknown key, may change; nothing else.
  const free = own.note.length - own.note.indexOf('— unknown') + own.witnessName.length + 8
  expect(survivors).toBeGreaterThan(0)
  expect(survivors).toBeLessThan(free * 8)
})

test('every byte of the text and of the log’s line flipped is refused', async () => {
  const { text, signatures } = parseNote(utf8(own.note))
  for (const changed of flips(formatNote(text, signatures.slice(0, 1)), [1, 2, 4, 8, 16, 32, 64, 128])) {
    expect(await codeOf(() => openCheckpoint(changed, own.origin, [log]))).not.toBe('none')
  }
})
