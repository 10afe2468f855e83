import {
  checkConsistency,
  cosignatureVerifier,
  ed25519Verifier,
  Frontier,
  type Hash,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseCosignature,
  parseNote,
  proveConsistency,
} from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { sha256Bytes } from './digest.ts'
import {
  exportKey,
  generateSignerKeys,
  importKey,
  LocalSigner,
  type SignedHead,
  type SignerMemory,
  verifyEd25519,
} from './signer.ts'

const ORIGIN = 'example.com/log'
const TIME = 1_763_712_002

describe('LocalSigner', () => {
  it('its checkpoint verifies with its vkey, and its own cosignature with cosignerVkey, which gives the time', async () => {
    const { signer } = made()
    const tree = treeOf(5)
    const note = await signer.sign(5, tree.root(5), tree.prove(5))
    const opened = await openCheckpoint(
      note,
      ORIGIN,
      [ed25519Verifier(sha256Bytes, signer.vkey, verifyEd25519)],
      [cosignatureVerifier(sha256Bytes, signer.cosignerVkey, verifyEd25519)],
    )
    expect(opened).toMatchObject({ size: 5, unverified: [] })
    expect(opened.verified).toHaveLength(1)
    expect(opened.witnessed).toHaveLength(1)
    expect(parseCosignature(opened.witnessed[0]!.signature).time).toBe(TIME)
    expect(parseNote(note).signatures.map(signature => signature.name)).toEqual([
      ORIGIN,
      `${ORIGIN}/cosigner`,
    ])
  })

  it('another key of the same name does not verify it', async () => {
    const { signer } = made()
    const other = made().signer
    const tree = treeOf(5)
    const note = await signer.sign(5, tree.root(5), tree.prove(5))
    expect(other.vkey).not.toBe(signer.vkey)
    const verifier = ed25519Verifier(sha256Bytes, other.vkey, verifyEd25519)
    await expect(openCheckpoint(note, ORIGIN, [verifier])).rejects.toMatchObject({ code: 'E_SIG_NONE' })
  })

  it('A2: refuses a tree that is smaller than one it has signed', async () => {
    const { signer } = made()
    const tree = treeOf(9)
    await signer.sign(9, tree.root(9), tree.prove(9))
    await expect(signer.sign(8, tree.root(8), tree.prove(8))).rejects.toMatchObject({
      code: 'ANNALS_ROLLBACK',
    })
    await expect(signer.sign(0, tree.root(0), tree.prove(0))).rejects.toMatchObject({
      code: 'ANNALS_ROLLBACK',
    })
    await expect(signer.sign(9, tree.root(9), tree.prove(9))).resolves.toBeInstanceOf(Uint8Array)
  })

  it('refuses a tree that does not extend the signed one, or gives no proof that it does', async () => {
    const { signer } = made()
    const tree = treeOf(20)
    const other = treeOf(20, 'other')
    await signer.sign(7, tree.root(7), tree.prove(7))
    for (const size of [7, 8, 20]) {
      await expect(signer.sign(size, other.root(size), other.prove(size))).rejects.toMatchObject({
        code: 'ANNALS_ROLLBACK',
      })
    }
    await expect(signer.sign(8, tree.root(8), async () => [])).rejects.toMatchObject({
      code: 'ANNALS_ROLLBACK',
    })
    const broken = Promise.reject(new Error('tile is gone'))
    broken.catch(() => {})
    await expect(signer.sign(8, tree.root(8), () => broken)).rejects.toMatchObject({
      code: 'ANNALS_ROLLBACK',
    })
    expect(await signer.head()).toEqual({ size: 7, root: tree.root(7) })
  })

  it('signs every extension, from the empty tree on', async () => {
    const { signer, memory } = made()
    const tree = treeOf(40)
    for (const size of [0, 1, 2, 3, 8, 13, 13, 32, 40]) {
      const note = await signer.sign(size, tree.root(size), tree.prove(size))
      expect(parseCheckpoint(parseNote(note).text)).toMatchObject({ origin: ORIGIN, size })
      expect(memory.saved.at(-1)).toEqual({ size, root: tree.root(size) })
    }
    expect(memory.saved.map(head => head.size)).toEqual([0, 1, 2, 3, 8, 13, 32, 40])
  })

  it('remembers before it signs: a memory that fails gives no signature, and nothing is remembered', async () => {
    const { signer, memory } = made()
    const tree = treeOf(6)
    memory.fail = true
    await expect(signer.sign(4, tree.root(4), tree.prove(4))).rejects.toThrow('memory')
    expect(await signer.head()).toBeUndefined()
    memory.fail = false
    const other = treeOf(6, 'other')
    await expect(signer.sign(3, other.root(3), other.prove(3))).resolves.toBeInstanceOf(Uint8Array)
  })

  it('remembers over a restart', async () => {
    const memory = memoryOf()
    const keys = generateSignerKeys()
    const tree = treeOf(9)
    await new LocalSigner(ORIGIN, keys, memory).sign(9, tree.root(9), tree.prove(9))
    const again = new LocalSigner(ORIGIN, keys, memory)
    expect((await again.head())?.size).toBe(9)
    await expect(again.sign(5, tree.root(5), tree.prove(5))).rejects.toMatchObject({
      code: 'ANNALS_ROLLBACK',
    })
  })

  it('of two contradicting trees asked for at once it signs one', async () => {
    const { signer } = made()
    const one = treeOf(6)
    const other = treeOf(6, 'other')
    const answers = await Promise.allSettled([
      signer.sign(6, one.root(6), one.prove(6)),
      signer.sign(6, other.root(6), other.prove(6)),
      signer.sign(5, one.root(5), one.prove(5)),
    ])
    expect(answers.map(answer => answer.status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await signer.head()).toEqual({ size: 6, root: one.root(6) })
  })

  it('keys travel as PEM and stay the same', () => {
    const keys = generateSignerKeys()
    const again = { log: importKey(exportKey(keys.log)), cosigner: importKey(exportKey(keys.cosigner)) }
    expect(new LocalSigner(ORIGIN, again, memoryOf()).vkey).toBe(
      new LocalSigner(ORIGIN, keys, memoryOf()).vkey,
    )
    expect(exportKey(keys.log)).toContain('PRIVATE KEY')
  })
})

interface TestMemory extends SignerMemory {
  readonly saved: SignedHead[]
  fail: boolean
}

function memoryOf(): TestMemory {
  const saved: SignedHead[] = []
  return {
    saved,
    fail: false,
    load: async () => saved.at(-1),
    async save(head) {
      await Promise.resolve()
      if (this.fail) throw new Error('the memory cannot be written')
      saved.push(head)
    },
  }
}

function made(): { signer: LocalSigner; memory: TestMemory } {
  const memory = memoryOf()
  return { signer: new LocalSigner(ORIGIN, generateSignerKeys(), memory, () => TIME), memory }
}

function treeOf(
  size: number,
  salt = '',
): { root(at: number): Hash; prove(at: number): (old: number) => Promise<Hash[]> } {
  const frontier = new Frontier(sha256Bytes)
  const roots = [Uint8Array.from(frontier.root())]
  const stored: Hash[] = []
  for (let i = 0; i < size; i++) {
    stored.push(...frontier.append(leafHash(sha256Bytes, Buffer.from(`${salt}${i}`))))
    roots.push(Uint8Array.from(frontier.root()))
  }
  const hashes = { readHashes: async (ids: readonly number[]) => ids.map(id => stored[id] as Hash) }
  return {
    root: at => roots[at] as Hash,
    prove: at => async old => {
      const proof = await proveConsistency(sha256Bytes, old, at, hashes)
      checkConsistency(sha256Bytes, proof, old, roots[old] as Hash, at, roots[at] as Hash)
      return [...proof]
    },
  }
}
