import { generateKeyPairSync } from 'node:crypto'
import {
  cosignatureVerifier,
  ed25519Verifier,
  formatAddCheckpoint,
  formatCheckpoint,
  formatNote,
  type Hash,
  leafHash,
  openNote,
  parseSignatures,
  proveConsistency,
  signNote,
  treeHash,
} from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { sha256Bytes } from '../log/digest.ts'
import { LeafTree } from '../log/leaf-tree.ts'
import { generateSignerKeys, LocalSigner, verifyEd25519 } from '../log/signer.ts'
import { Witness, type WitnessedHead, type WitnessMemory } from './witness.ts'

const ORIGIN = 'log.example/audit'

/** A log of so many leaves, whose signer has no memory: it signs whatever it is told. */
function logOf(salt: string, origin: string = ORIGIN) {
  const keys = generateSignerKeys()
  const leaves = Array.from({ length: 40 }, (_, i) => leafHash(sha256Bytes, Buffer.from(`${salt}${i}`)))
  const stored = storedHashes(leaves)
  const forgetful = { load: async () => undefined, save: async () => {} }
  const vkey = new LocalSigner(origin, keys, forgetful).vkey
  const rootOf = (size: number): Promise<Hash> => treeHash(sha256Bytes, size, stored)
  return {
    vkey,
    rootOf,
    checkpoint: async (size: number) =>
      await new LocalSigner(origin, keys, forgetful).sign(size, await rootOf(size), async () => []),
    request: async (oldSize: number, size: number) =>
      formatAddCheckpoint({
        oldSize,
        proof: oldSize === 0 ? [] : await proveConsistency(sha256Bytes, oldSize, size, stored),
        checkpoint: await new LocalSigner(origin, keys, forgetful).sign(
          size,
          await rootOf(size),
          async () => [],
        ),
      }),
    body: async (oldSize: number, proof: readonly Hash[], size: number, root: Hash) =>
      formatAddCheckpoint({
        oldSize,
        proof,
        checkpoint: await new LocalSigner(origin, keys, forgetful).sign(size, root, async () => []),
      }),
  }
}

function storedHashes(leaves: readonly Hash[]) {
  return {
    readHashes: async (ids: readonly number[]) => {
      const all: Hash[] = []
      const pending: Hash[][] = []
      // RFC 6962 order of Go's sumdb: a leaf, then the nodes it completes.
      for (const leaf of leaves) {
        let hash = leaf
        all.push(hash)
        for (let level = 0; ; level++) {
          const row = pending[level] ?? []
          pending[level] = row
          row.push(hash)
          if (row.length % 2 === 1) break
          hash = sha256Bytes(Buffer.concat([Buffer.of(1), row.at(-2) as Hash, row.at(-1) as Hash])) as Hash
          all.push(hash)
        }
      }
      return ids.map(id => all[id] as Hash)
    },
  }
}

class Memory implements WitnessMemory {
  readonly heads = new Map<string, WitnessedHead>()
  readonly accusations: Uint8Array[] = []
  /** Time that saving takes, so that requests can overtake each other. */
  slow = 0

  async load(origin: string): Promise<WitnessedHead | undefined> {
    await this.#wait()
    return this.heads.get(origin)
  }

  async save(origin: string, head: WitnessedHead): Promise<void> {
    await this.#wait()
    this.heads.set(origin, head)
  }

  async accuse(_: string, request: Uint8Array): Promise<void> {
    this.accusations.push(request)
  }

  async #wait(): Promise<void> {
    if (this.slow > 0) await new Promise(resolve => setTimeout(resolve, Math.random() * this.slow))
  }
}

function witnessOf(...vkeys: readonly string[]) {
  const memory = new Memory()
  const witness = new Witness({
    name: 'witness.example/w1',
    key: generateKeyPairSync('ed25519').privateKey,
    logs: new Map([[ORIGIN, vkeys.map(vkey => ed25519Verifier(sha256Bytes, vkey, verifyEd25519))]]),
    memory,
    seconds: () => 1_795_225_000,
  })
  return { witness, memory }
}

describe('a witness', () => {
  it('cosigns what extends the last, and the cosignature verifies on the checkpoint', async () => {
    const log = logOf('a')
    const { witness, memory } = witnessOf(log.vkey)
    for (const [oldSize, size] of [
      [0, 7],
      [7, 7],
      [7, 33],
    ] as const) {
      const { status, body } = await witness.addCheckpoint(await log.request(oldSize, size))
      expect(status).toBe(200)
      const text = formatCheckpoint({ origin: ORIGIN, size, root: await log.rootOf(size) })
      const note = formatNote(text, parseSignatures(body))
      const verifier = cosignatureVerifier(sha256Bytes, witness.vkey, verifyEd25519)
      expect((await openNote(note, [verifier])).verified).toHaveLength(1)
      expect(memory.heads.get(ORIGIN)?.size).toBe(size)
    }
    expect(memory.accusations).toEqual([])
  })

  it('says from which size a proof must begin', async () => {
    const log = logOf('a')
    const { witness } = witnessOf(log.vkey)
    await witness.addCheckpoint(await log.request(0, 7))
    const stale = await witness.addCheckpoint(await log.request(3, 33))
    expect(stale).toEqual({ status: 409, type: 'text/x.tlog.size', body: '7\n' })
    expect(await witness.addCheckpoint(await log.request(0, 33))).toMatchObject({ status: 409, body: '7\n' })
  })

  it('refuses a shorter history, and another one of the same or a larger size', async () => {
    const log = logOf('a')
    const other = logOf('b')
    const { witness, memory } = witnessOf(log.vkey)
    await witness.addCheckpoint(await log.request(0, 20))
    // The same key, another history: the log's own key signs both.
    const same = await witness.addCheckpoint(await log.body(20, [], 20, await other.rootOf(20)))
    expect(same).toEqual({ status: 409, type: 'text/x.tlog.size', body: '20\n' })
    const larger = await witness.addCheckpoint(
      await log.body(20, [await other.rootOf(3)], 33, await other.rootOf(33)),
    )
    expect(larger.status).toBe(422)
    expect((await witness.addCheckpoint(await log.request(0, 10))).status).toBe(409)
    expect((await witness.addCheckpoint(await log.body(20, [], 10, await log.rootOf(10)))).status).toBe(400)
    expect(memory.heads.get(ORIGIN)).toEqual({ size: 20, root: Uint8Array.from(await log.rootOf(20)) })
    expect(memory.accusations).toHaveLength(2)
  })

  it('refuses logs it does not know, keys it does not trust, and what is no request', async () => {
    const log = logOf('a')
    const { witness } = witnessOf(log.vkey)
    expect((await witness.addCheckpoint(await logOf('a', 'other.example').request(0, 7))).status).toBe(404)
    expect((await witness.addCheckpoint(await logOf('a').request(0, 7))).status).toBe(403)
    expect((await witness.addCheckpoint(Buffer.from('old 0\n\nnothing'))).status).toBe(400)
    expect((await witness.addCheckpoint(Buffer.alloc(0))).status).toBe(400)
    const bare = await signNote('hello\n', [{ name: 'x', keyId: 1, sign: () => new Uint8Array(64) }])
    const noCheckpoint = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: bare })
    expect((await witness.addCheckpoint(noCheckpoint)).status).toBe(400)
  })

  it('never goes back when requests race', async () => {
    const log = logOf('a')
    for (let round = 0; round < 10; round++) {
      const { witness, memory } = witnessOf(log.vkey)
      await witness.addCheckpoint(await log.request(0, 5))
      memory.slow = 4
      const sizes = [9, 33, 12, 40, 21]
      const requests = await Promise.all(sizes.map(size => log.request(5, size)))
      const answers = await Promise.all(requests.map(request => witness.addCheckpoint(request)))
      const cosigned = sizes.filter((_, i) => answers[i]?.status === 200)
      expect(cosigned).toHaveLength(1)
      expect(memory.heads.get(ORIGIN)?.size).toBe(cosigned[0])
    }
  })

  it('cosigns nothing that it could not remember', async () => {
    const log = logOf('a')
    const { witness, memory } = witnessOf(log.vkey)
    memory.save = () => Promise.reject(new Error('disk full'))
    await expect(witness.addCheckpoint(await log.request(0, 7))).rejects.toThrow('disk full')
    expect(memory.heads.size).toBe(0)
  })
})

it('the tree of the tests is that of the log', async () => {
  const tree = new LeafTree()
  for (let i = 0; i < 40; i++)
    tree.append(Buffer.from(leafHash(sha256Bytes, Buffer.from(`a${i}`))).toString('latin1'), [])
  expect(Buffer.from(await logOf('a').rootOf(40)).toString('latin1')).toBe(tree.root())
})
