import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Frontier, fromBase64, parseCheckpoint, parseNote } from '@annals/tlog'
import { sha256Bytes } from '../../log/digest.ts'
import type { SealManifest } from '../../log/log-store.ts'
import { AnnalsError } from '../../model/index.ts'
import { assertAnswers, someParts } from './erase-laws.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { queriesFor } from './queries.ts'
import { assertPositions, assertRemains, eraseParts } from './remains.ts'
import { rootsOf } from './root-of.ts'
import type { SampleLog } from './sample-log.ts'
import { variedDrafts } from './varied-drafts.ts'

export const SEAL_LAWS: readonly Law[] = [
  {
    title: 'keeps checkpoints under their size, and gives each back as it was',
    async prove(bench) {
      const log = await bench.log()
      const notes = new Map<number, Buffer>()
      for (let round = 0; round < 4; round++) {
        await log.append(variedDrafts(3 + round, 700 + round))
        await log.endChunk()
        notes.set(log.size, Buffer.from((await log.store.log.kept(log.size)) ?? []))
      }
      for (const [size, note] of notes) {
        assert.equal(parseCheckpoint(parseNote(note).text).size, size)
        assert.deepEqual(Buffer.from((await log.store.log.kept(size)) ?? []), note)
        assert.equal(await log.store.log.kept(size - 1), undefined)
      }
    },
  },
  {
    title: 'lists chunks by position, the last of them open',
    async prove(bench) {
      const log = await bench.log()
      assert.deepEqual(await log.store.log.chunks(), [])
      const edges = await chunked(log, [5, 70, 1, 200], 71)
      const chunks = await log.store.log.chunks()
      assert.deepEqual(
        chunks.map(({ lo, hi, state }) => [lo, hi, state]),
        edges.slice(0, -1).map((lo, i) => [lo, edges[i + 1], i === edges.length - 2 ? 'open' : 'closed']),
      )
      for (const { lo, hi, firstTime, lastTime, bytes } of chunks) {
        assert.deepEqual([firstTime, lastTime], [log.written[lo]?.time, log.written[hi - 1]?.time])
        assert.ok(bytes > 0)
      }
      assert.equal(new Set(chunks.map(({ period }) => period)).size, chunks.length)
    },
  },
  {
    title:
      'seals a chunk with a manifest that connects it to the tree and counts its classes; again, it answers the same',
    async prove(bench) {
      const log = await bench.log()
      const edges = await chunked(log, [130, 300, 40, 20], 72)
      for (const n of [1, 0, 2]) {
        const lo = edges[n] as number
        assert.equal(await log.store.log.manifest(lo), undefined)
        const manifest = await log.store.log.seal(lo)
        await assertManifest(log, manifest, lo, edges[n + 1] as number)
        assert.deepEqual(await log.store.log.seal(lo), manifest)
        assert.deepEqual(await log.store.log.manifest(lo), manifest)
      }
      const states = (await log.store.log.chunks()).map(({ state }) => state)
      assert.deepEqual(states, ['sealed', 'sealed', 'sealed', 'open'])
    },
  },
  {
    title: 'reads, finds and counts in sealed chunks as before, and goes on',
    async prove(bench) {
      const log = await bench.log()
      const edges = await chunked(log, [200, 150, 30], 73)
      const queries = queriesFor(log.events, 73).filter((_, nth) => nth % 3 === 0)
      for (const lo of edges.slice(0, 2)) await log.store.log.seal(lo)
      await assertRemains(log)
      await assertAnswers(log, queries)
      await assertPositions(log)
      await appendHistory(log, 60, 74)
      await assertRemains(log)
      await assertAnswers(log, queries.slice(0, 20))
    },
  },
  {
    title: 'erases in sealed chunks as in others',
    async prove(bench) {
      const log = await bench.log()
      const edges = await chunked(log, [150, 150, 60], 75)
      const queries = queriesFor(log.events, 75).filter((_, nth) => nth % 3 === 0)
      await eraseParts(log, someParts(log, 1).slice(0, 30))
      const manifest = await log.store.log.seal(0)
      await eraseParts(log, someParts(log, 2))
      await log.store.log.seal(edges[1] as number)
      await eraseParts(log, someParts(log, 3))
      await assertRemains(log)
      await assertAnswers(log, queries)
      await assertPositions(log)
      assert.deepEqual(await log.store.log.manifest(0), manifest)
    },
  },
  {
    title: 'refuses to seal a chunk that has not ended, that there is none of, or whose end was not signed',
    async prove(bench) {
      const log = await bench.log()
      await log.append(variedDrafts(10, 76))
      log.nextPeriod()
      await log.append(variedDrafts(10, 77))
      const refused = (code: string) => (error: unknown) =>
        error instanceof AnnalsError && error.code === code
      await assert.rejects(() => log.store.log.seal(0), refused('ANNALS_NOT_FOUND'))
      await assert.rejects(() => log.store.log.seal(10), refused('ANNALS_INVALID'))
      await assert.rejects(() => log.store.log.seal(5), refused('ANNALS_NOT_FOUND'))
      assert.equal(await log.store.log.manifest(0), undefined)
      await assertRemains(log)
    },
  },
  {
    title: 'stays sealed when it is opened again',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      const edges = await chunked(log, [140, 200, 10], 78)
      const manifest = await log.store.log.seal(0)
      const queries = queriesFor(log.events, 78).filter((_, nth) => nth % 9 === 0)
      for (let round = 0; round < 2; round++) {
        log = await log.again(bench)
        assert.deepEqual(await log.store.log.manifest(0), manifest)
        await assertRemains(log)
        await assertAnswers(log, queries)
        await log.store.log.seal(edges[1] as number)
        assert.equal((await log.store.log.kept(edges[1] as number)) === undefined, false)
        await appendHistory(log, 20, 79 + round)
      }
    },
  },
]

/**
 * Appends chunks of so many entries, each with kept checkpoints at its ends; the last stays open.
 *
 * @returns the position each begins at, and the size
 */
export async function chunked(log: SampleLog, sizes: readonly number[], seed: number): Promise<number[]> {
  const edges = [log.size]
  for (const [n, size] of sizes.entries()) {
    if (n > 0) await log.endChunk()
    const drafts = variedDrafts(size, seed * 31 + n)
    while (drafts.length > 0) {
      await log.append(drafts.splice(0, 37))
      log.time += 3
    }
    edges.push(log.size)
  }
  return edges
}

async function assertManifest(log: SampleLog, manifest: SealManifest, lo: number, hi: number): Promise<void> {
  const { identity } = log.store
  const roots = rootsOf(log.written, [lo, hi])
  const folded = Frontier.from(sha256Bytes, lo, manifest.frontier.map(fromBase64)).root()
  assert.deepEqual(Buffer.from(folded), Buffer.from(roots.get(lo) ?? []))
  const after = parseCheckpoint(parseNote(Buffer.from(manifest.after)).text)
  assert.deepEqual([after.origin, after.size], [identity.origin, hi])
  assert.deepEqual(Buffer.from(after.root), Buffer.from(roots.get(hi) ?? []))
  assert.equal(manifest.after, Buffer.from((await log.store.log.kept(hi)) ?? []).toString())
  assert.equal('before' in manifest, lo > 0)
  if (lo > 0) assert.equal(manifest.before, Buffer.from((await log.store.log.kept(lo)) ?? []).toString())
  const chunk = log.written.slice(lo, hi)
  const classes: Record<string, { count: number; positions: string }> = {}
  for (const name of new Set(chunk.map(({ event }) => event.retention))) {
    const positions = chunk.filter(({ event }) => event.retention === name).map(({ index }) => index)
    const bytes = Buffer.alloc(8 * positions.length)
    for (const [i, position] of positions.entries()) bytes.writeBigUInt64BE(BigInt(position), 8 * i)
    classes[name] = {
      count: positions.length,
      positions: createHash('sha256').update(bytes).digest('base64url'),
    }
  }
  const { v, origin, first, last } = manifest
  assert.deepEqual({ ...manifest.classes }, classes)
  assert.deepEqual(
    { v, origin, lo: manifest.lo, hi: manifest.hi, first, last },
    { v: 1, origin: identity.origin, lo, hi, first: chunk[0]?.time, last: chunk.at(-1)?.time },
  )
}
