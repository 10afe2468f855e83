import { expect, test } from 'vitest'
import {
  ed25519Signer,
  ed25519Verifier,
  formatNote,
  type NoteVerifier,
  openNote,
  parseNote,
  signNote,
} from './index.ts'
import {
  codeOf,
  ed25519Verify,
  keyPair,
  type NoteVectors,
  sha,
  unhex,
  utf8,
  vectors,
} from './testing/support.ts'

const { go } = vectors<NoteVectors>('tlog-notes')
const peter = ed25519Verifier(sha, go.vkey, ed25519Verify)
const enoch = ed25519Verifier(sha, go.enochRoot, ed25519Verify)

test('the notes of golang.org/x/mod/sumdb/note verify', async () => {
  const one = await openNote(utf8(go.note), [peter])
  expect(one.text).toBe(go.text)
  expect(one.verified.map(s => s.name)).toEqual(['PeterNeumann'])
  const two = await openNote(utf8(go.twice), [enoch])
  expect(two.verified.map(s => s.name)).toEqual(['EnochRoot'])
  expect(two.unverified.map(s => s.name)).toEqual(['PeterNeumann'])
  expect((await openNote(utf8(go.twice), [enoch, peter])).verified.length).toBe(2)
})

test('signing gives the bytes that Go gives', async () => {
  const signer = ed25519Signer(sha, { name: go.name, ...keyPair(unhex(go.seed)) })
  expect(signer.keyId).toBe(go.keyId)
  expect(Buffer.from(await signNote(go.text, [signer])).toString()).toBe(go.note)
  const enochs = parseNote(utf8(go.twice)).signatures.slice(1)
  const both = parseNote(await signNote(go.text, [signer], enochs))
  expect(both.signatures.map(s => s.name)).toEqual(['EnochRoot', 'PeterNeumann'])
})

test('known keys must verify, unknown ones are ignored, one must be known', async () => {
  const { text, signatures } = parseNote(utf8(go.note))
  const [good] = signatures
  const bad = { ...good!, signature: good!.signature.map(byte => byte ^ 1) }
  const open = (lines: (typeof good)[], verifiers: NoteVerifier[]) => () =>
    openNote(
      formatNote(
        text,
        lines.map(line => line!),
      ),
      verifiers,
    )
  expect(await codeOf(open([bad], [peter]))).toBe('E_SIG_BAD')
  expect(await codeOf(open([good, bad], [peter]))).toBe('E_SIG_BAD')
  expect(await codeOf(open([bad], [enoch]))).toBe('E_SIG_NONE')
  expect(await codeOf(open([good], []))).toBe('E_SIG_NONE')
  // The same name or the same id alone is another key.
  expect(await codeOf(open([good, { ...bad, name: 'Other' }], [peter]))).toBe('none')
  expect(await codeOf(open([good, { ...bad, keyId: 7 }], [peter]))).toBe('none')
  expect(await codeOf(open([{ ...good!, keyId: 7 }], [peter]))).toBe('E_SIG_NONE')
  // A signature does not hold for another text.
  const other = formatNote(`${text}x\n`, signatures)
  expect(await codeOf(() => openNote(other, [peter]))).toBe('E_SIG_BAD')
})

test('a key that signs twice counts once', async () => {
  const { text, signatures } = parseNote(utf8(go.note))
  const opened = await openNote(formatNote(text, [...signatures, ...signatures]), [peter, peter])
  expect(opened.verified.length).toBe(1)
  expect(opened.unverified.length).toBe(0)
})

test('a verifier must say true, and be the only one of its key id', async () => {
  const truthy = { ...peter, verify: () => ({}) as unknown as boolean }
  expect(await codeOf(() => openNote(utf8(go.note), [truthy]))).toBe('E_SIG_BAD')
  const later = { ...peter, verify: () => Promise.resolve(false) }
  expect(await codeOf(() => openNote(utf8(go.note), [later]))).toBe('E_SIG_BAD')
  await expect(openNote(utf8(go.note), [peter, { ...peter }])).rejects.toThrow(TypeError)
})

test('a signer’s faults end in an error', async () => {
  const pair = keyPair(unhex(go.seed))
  const short = ed25519Signer(sha, { name: 'k', publicKey: pair.publicKey, sign: () => new Uint8Array(63) })
  await expect(signNote('a\n', [short])).rejects.toThrow(TypeError)
  expect(await codeOf(() => signNote('a', [ed25519Signer(sha, { name: 'k', ...pair })]))).toBe(
    'E_NOTE_FORMAT',
  )
  expect(() => ed25519Signer(sha, { name: 'a b', ...pair })).toThrow(TypeError)
  expect(() => ed25519Signer(sha, { name: 'k', ...pair, publicKey: new Uint8Array(31) })).toThrow(TypeError)
})
