import { checkConsistency, decodeEntryBundle, leafHash, parseCheckpoint, parseNote } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import { clocksAt } from '../lifecycle/clocked.test-support.ts'
import { retentionRun } from '../lifecycle/retention-acts.ts'
import { sha256Bytes } from '../log/digest.ts'
import type { LocalTrail } from './local-trail.ts'
import { openTrail } from './open-trail.ts'
import { newTrail, STORES, temporaryDirectory } from './trail.test-support.ts'

async function grow(trail: LocalTrail, count: number): Promise<void> {
  await trail.recordAll(Array.from({ length: count }, (_, n) => ({ action: 'door.open', data: { n } })))
  await trail.flush()
}

async function head(trail: LocalTrail): Promise<{ size: number; root: Uint8Array }> {
  return parseCheckpoint(parseNote((await trail.checkpoint()) as Uint8Array).text)
}

describe.each(STORES)('proofs of a whole log, %s', kind => {
  it('gives tiles and bundles of the signed tree, and no others', async () => {
    const trail = (await newTrail(kind)) as LocalTrail
    await grow(trail, 300)
    const { size } = await head(trail)
    const full = await trail.tile('tile/0/000')
    expect(full).toHaveLength(256 * 32)
    const partial = await trail.tile(`tile/0/001.p/${size - 256}`)
    expect(await trail.tile('tile/1/000.p/1')).toHaveLength(32)
    const bundle = await trail.tile('tile/entries/000')
    const entries = decodeEntryBundle(bundle, 256)
    const leaves = entries.map(entry => leafHash(sha256Bytes, entry))
    expect(Buffer.concat(leaves).equals(Buffer.from(full))).toBe(true)
    const rest = decodeEntryBundle(await trail.tile(`tile/entries/001.p/${size - 256}`), size - 256)
    expect(Buffer.concat(rest.map(entry => leafHash(sha256Bytes, entry))).equals(Buffer.from(partial))).toBe(
      true,
    )
    // Narrower than what is there: a client may have an older checkpoint.
    expect(await trail.tile('tile/0/001.p/3')).toEqual(partial.subarray(0, 96))
    const absent = ['001', '001.p/255', '002.p/1', 'x001/000', '0', '../../keys/kek', '001.p/0', '']
    for (const place of absent) {
      for (const path of [`tile/0/${place}`, `tile/entries/${place}`, `tile/1/${place}`])
        await expect(trail.tile(path)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
    }
  })

  it('proves that the log only grew, between any two sizes', async () => {
    const trail = (await newTrail(kind)) as LocalTrail
    await grow(trail, 20)
    const before = await head(trail)
    await grow(trail, 300)
    const after = await head(trail)
    const proof = await trail.consistency(before.size)
    expect(proof).toMatchObject({ from: before.size, to: after.size })
    expect(proof.new).toEqual(await trail.checkpoint())
    expect(proof.old).toBeUndefined()
    checkConsistency(sha256Bytes, proof.hashes, before.size, before.root, after.size, after.root)
    expect((await trail.consistency(0, 7)).hashes).toEqual([])
    for (const [from, to] of [
      [5, 4],
      [-1, 4],
      [1.5, 4],
      [0, Number.NaN],
    ] as const)
      await expect(trail.consistency(from, to)).rejects.toMatchObject({ code: 'ANNALS_INVALID' })
    await expect(trail.consistency(0, after.size + 1)).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  })
})

it('a bundle goes with an entry in it; its tile stays', async () => {
  const clocks = clocksAt('2026-01-05T10:00:00.000Z')
  const trail = await openTrail({ dir: temporaryDirectory(), clocks, period: 'day' })
  try {
    await grow(trail, 300)
    clocks.by(400 * 86_400_000)
    await grow(trail, 1)
    const tile = await trail.tile('tile/0/000')
    await trail.tile('tile/entries/000')
    await trail.perform(retentionRun, {})
    await trail.flush()
    expect(await trail.tile('tile/0/000')).toEqual(tile)
    await expect(trail.tile('tile/entries/000')).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  } finally {
    await trail.close()
  }
})
