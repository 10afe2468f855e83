import { expect, test } from 'vitest'
import { checkProof, cosignatureVerifier, ed25519Verifier, leafHash } from './index.ts'
import {
  codeOf,
  ed25519Verify,
  flips,
  hex,
  type NoteVectors,
  sha,
  unhex,
  utf8,
  vectors,
} from './testing/support.ts'

const { own } = vectors<NoteVectors>('tlog-notes')
const proofs = vectors<{ index: number; leafData: string; extra: string; text: string }>('tlog-proofs')
const leaf = leafHash(sha, unhex(proofs.leafData))
const trust = {
  origin: own.origin,
  verifiers: [ed25519Verifier(sha, own.logVkey, ed25519Verify)],
  witnesses: [cosignatureVerifier(sha, own.witnessVkey, ed25519Verify)],
}

test('our frozen proof holds', async () => {
  const checked = await checkProof(sha, proofs.text, leaf, trust)
  expect(checked.index).toBe(proofs.index)
  expect(hex(checked.extra!)).toBe(proofs.extra)
  expect(checked.checkpoint.size).toBe(own.size)
  expect(checked.checkpoint.witnessed.length).toBe(1)
})

test('another leaf, log, key or index', async () => {
  const other = leafHash(sha, utf8('other'))
  expect(await codeOf(() => checkProof(sha, proofs.text, other, trust))).toBe('E_INCLUSION')
  expect(await codeOf(() => checkProof(sha, proofs.text, leaf, { ...trust, origin: 'x' }))).toBe('E_ORIGIN')
  expect(await codeOf(() => checkProof(sha, proofs.text, leaf, { ...trust, verifiers: [] }))).toBe(
    'E_SIG_NONE',
  )
  for (const index of [4, 8, 2 ** 40]) {
    const moved = proofs.text.replace('index 5\n', `index ${index}\n`)
    expect(await codeOf(() => checkProof(sha, moved, leaf, trust))).toBe('E_INCLUSION')
  }
})

test('every byte flipped: refused, or the same statement with unauthenticated data changed', async () => {
  for (const changed of flips(utf8(proofs.text), [1, 2, 4, 8, 16, 32, 64, 128])) {
    let checked: Awaited<ReturnType<typeof checkProof>>
    try {
      checked = await checkProof(sha, changed, leaf, trust)
    } catch (error) {
      expect(await codeOf(() => Promise.reject(error as Error))).not.toBe('none')
      continue
    }
    expect(checked.index).toBe(proofs.index)
    expect(checked.checkpoint.text).toBe(own.text)
  }
})
