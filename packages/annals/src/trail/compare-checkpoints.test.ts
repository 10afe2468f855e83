import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatCheckpoint, parseCheckpoint, parseNote, signNote } from '@annals/tlog'
import { expect, it } from 'vitest'
import { generateSignerKeys, LocalSigner } from '../log/signer.ts'
import type { CheckpointComparison } from '../verify/compare-checkpoints.ts'
import { compareCheckpoints } from './compare-checkpoints.ts'
import { exportTiles } from './export-tiles.ts'
import { openTrail } from './open-trail.ts'
import { temporaryDirectory } from './trail.test-support.ts'

const memory = { load: async () => undefined, save: async () => {} }
const codes = ({ ok, relation, findings }: CheckpointComparison): unknown[] => [
  ok,
  relation,
  ...findings.map(finding => finding.code),
]

/** A log with checkpoints of three ages. */
async function aged(entries = 300): Promise<{ dir: string; notes: Uint8Array[]; vkey: string }> {
  const dir = temporaryDirectory()
  const trail = await openTrail({ dir, origin: 'example.com/aged' })
  const notes: Uint8Array[] = []
  for (let age = 0; age < 3; age++) {
    await trail.recordAll(Array.from({ length: entries }, () => ({ action: 'x' })))
    await trail.flush()
    notes.push((await trail.checkpoint())!)
  }
  await trail.close()
  return { dir, notes, vkey: readFileSync(join(dir, 'vkey'), 'utf8').trim() }
}

it('the same history, from the log or from its tiles', async () => {
  const { dir, notes, vkey } = await aged()
  const [a, b, c] = notes as [Uint8Array, Uint8Array, Uint8Array]
  const tiles = temporaryDirectory()
  await exportTiles({ dir, out: tiles })
  expect(codes(await compareCheckpoints(a, a, { vkey }))).toEqual([true, 'same'])
  for (const where of [{ dir }, { tiles }])
    for (const [first, second] of [
      [a, b],
      [b, a],
      [a, c],
      [b, c],
    ] as const)
      expect(codes(await compareCheckpoints(first, second, { vkey, ...where }))).toEqual([true, 'extends'])
  expect(codes(await compareCheckpoints(a, b, { vkey }))).toEqual([true, 'unknown', 'W_NOT_COMPARED'])
  const unchecked = await compareCheckpoints(a, b, { dir })
  expect(unchecked.claim).toContain("Nobody's signature was checked")
})

it('two histories', async () => {
  const { dir, notes, vkey } = await aged(30)
  const [a, b] = notes as [Uint8Array, Uint8Array]
  const keys = generateSignerKeys()
  const { size } = parseCheckpoint(parseNote(a).text)
  const sign = (at: number, root: Uint8Array): Promise<Uint8Array> =>
    new LocalSigner('example.com/aged', keys, memory).sign(at, root, async () => [])
  const forged = await sign(size, new Uint8Array(32))
  expect(codes(await compareCheckpoints(a, forged))).toEqual([false, 'contradict', 'E_SPLIT_VIEW'])
  expect(codes(await compareCheckpoints(a, forged, { vkey }))).toEqual([false, 'unknown', 'E_SIG_NONE'])
  expect(codes(await compareCheckpoints(forged, b, { dir }))).toEqual([false, 'contradict', 'E_CONSISTENCY'])
  const beyond = await sign(9_000, new Uint8Array(32))
  expect(codes(await compareCheckpoints(a, beyond, { dir }))).toEqual([false, 'unknown', 'E_ROLLBACK'])
})

it('a smaller tree that the same cosigner saw later', async () => {
  const keys = generateSignerKeys()
  const at = (seconds: number, size: number): Promise<Uint8Array> =>
    new LocalSigner('example.com/aged', keys, memory, () => seconds).sign(
      size,
      new Uint8Array(32),
      async () => [],
    )
  const [early, late] = [await at(1_000, 50), await at(2_000, 20)]
  expect(codes(await compareCheckpoints(early, late))).toEqual([
    false,
    'unknown',
    'W_NOT_COMPARED',
    'E_ROLLBACK',
  ])
})

it('what cannot be compared', async () => {
  const { dir, notes } = await aged(3)
  const [a, b] = notes as [Uint8Array, Uint8Array]
  const other = new LocalSigner('example.com/other', generateSignerKeys(), memory)
  const theirs = await other.sign(5, new Uint8Array(32), async () => [])
  expect(codes(await compareCheckpoints(a, theirs))).toEqual([false, 'unknown', 'E_ORIGIN'])
  expect(codes(await compareCheckpoints(a, Buffer.from('x')))).toEqual([false, 'unknown', 'E_NOTE_FORMAT'])
  const text = formatCheckpoint({ origin: 'example.com/other', size: 4, root: new Uint8Array(32) })
  const one = await signNote(text, [{ name: 'x', keyId: 1, sign: () => new Uint8Array(64) }])
  expect(codes(await compareCheckpoints(one, theirs, { dir }))).toEqual([false, 'unknown', 'E_ORIGIN'])
  const empty = join(temporaryDirectory(), 'empty')
  mkdirSync(empty)
  await expect(compareCheckpoints(a, b, { tiles: empty })).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
  writeFileSync(join(empty, 'checkpoint'), 'x')
  await expect(compareCheckpoints(a, b, { tiles: empty })).rejects.toMatchObject({ code: 'ANNALS_CORRUPT' })
  await expect(compareCheckpoints(a, b, { vkey: 'x' })).rejects.toThrow(TypeError)
})
