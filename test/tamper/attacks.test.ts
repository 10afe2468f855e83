import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import { canonicalize } from '../../packages/tlog/src/index.ts'
import {
  codes,
  copyOf,
  type Forged,
  filesBelow,
  makeLog,
  openSmall,
  readForged,
  recordSome,
  segmentsOf,
  temporary,
  writeForged,
} from './support.ts'

/** Alters the records of the first segment and writes it anew with right lengths, CRCs and frames. */
async function forge(alter: (records: Forged[]) => void): Promise<string[]> {
  const dir = await makeLog({ entries: 30, segment: 300 })
  const [ref] = segmentsOf(dir)
  const records = readForged(ref!)
  writeForged(ref!, records)
  expect(await codes(dir)).toEqual([])
  alter(records)
  writeForged(ref!, records)
  return await codes(dir)
}

test('an altered header', async () => {
  const found = await forge(records => {
    records[10]!.entry = records[10]!.entry.replace('"o":"success"', '"o":"failure"')
  })
  expect(found).toEqual(['E_ROOT@0'])
})

test('an altered header is localised by the tiles', async () => {
  const dir = await makeLog({ entries: 600, segment: 2_000, batch: 100 })
  const [ref] = segmentsOf(dir)
  const records = readForged(ref!)
  records[300]!.entry = records[300]!.entry.replace('"o":"success"', '"o":"failure"')
  writeForged(ref!, records)
  expect(await codes(dir)).toEqual(['E_TILE@300', 'E_ROOT@300'])
})

test('an entry that is not canonical, or breaks the format', async () => {
  const spaced = await forge(records => {
    records[10]!.entry = records[10]!.entry.replace('"o":', '"o": ')
  })
  expect(spaced).toContain('E_CANON@10')
  const unknown = await forge(records => {
    records[10]!.entry = records[10]!.entry.replace('"v":1', '"v":2')
  })
  expect(unknown).toContain('E_ENTRY_FORMAT@10')
})

test('a removed record', async () => {
  const found = await forge(records => void records.splice(10, 1))
  expect(found).toContain('E_SOURCE_GAP@10')
  expect(found).toContain('E_PART_MISMATCH@10')
  expect(found.some(code => /^E_ENTRY_MISSING@\d+$/.test(code))).toBe(true)
})

test('two records swapped', async () => {
  const found = await forge(records => {
    ;[records[10], records[11]] = [records[11]!, records[10]!]
  })
  expect(found).toContain('E_ROOT@0')
  expect(found).toContain('E_DUP_ID@11')
  expect(found).toContain('E_PART_MISMATCH@10')
})

test('a record inserted again', async () => {
  const found = await forge(records => void records.splice(11, 0, structuredClone(records[5]!)))
  expect(found).toContain('E_DUP_ID@11')
  expect(found).toContain('E_PART_MISMATCH@11')
})

test('an earlier time', async () => {
  const found = await forge(records => {
    records[10]!.entry = records[10]!.entry.replace(/"t":(\d+)/, (_, t) => `"t":${Number(t) - 60_000}`)
  })
  expect(found).toContain('E_TIME_ORDER@10')
})

test('another valid content of a part', async () => {
  const found = await forge(records => {
    const what = records[10]!.parts.find(part => part.name === 'what')!
    what.bytes = Buffer.from(
      canonicalize({ ...JSON.parse(Buffer.from(what.bytes).toString()), tenant: 'other' }),
    )
  })
  expect(found).toEqual(['E_PART_MISMATCH@10'])
})

test('a part of another event', async () => {
  const found = await forge(records => {
    records[10]!.parts[0] = records[12]!.parts[0]!
  })
  expect(found).toEqual(['E_PART_MISMATCH@10'])
})

test('a part that was removed or wiped without authority', async () => {
  expect(await forge(records => void records[10]!.parts.pop())).toEqual(['E_PART_REMOVED@10'])
  const wiped = await forge(records => {
    records[10]!.parts[0] = { ...records[10]!.parts[0]!, bytes: Buffer.alloc(40), erased: true }
  })
  expect(wiped).toEqual(['E_PART_REMOVED@10'])
  const halfWiped = await forge(records => {
    records[10]!.parts[0] = { ...records[10]!.parts[0]!, erased: true }
  })
  expect(halfWiped).toEqual(['E_PART_MISMATCH@10', 'E_PART_REMOVED@10'])
})

test('a part that no entry commits to', async () => {
  const found = await forge(records => {
    records[10]!.parts.push({ name: 'why', keys: [], bytes: Buffer.from('{}') })
  })
  expect(found).toEqual(['E_PART_MISMATCH@10'])
})

test('segments deleted', async () => {
  const dir = await makeLog({ entries: 40, segment: 10 })
  const refs = segmentsOf(dir)
  expect(refs.length).toBeGreaterThan(3)
  for (const ref of refs) {
    const copy = copyOf(dir)
    rmSync(ref.path.replace(dir, copy))
    const found = await codes(copy)
    expect(found).toContain(`E_ENTRY_MISSING@${ref.first}`)
  }
})

test('tiles deleted', async () => {
  const dir = await makeLog({ entries: 600, segment: 2_000, batch: 100 })
  const tiles = filesBelow(join(dir, 'tile'))
  for (const [i, tile] of tiles.entries()) {
    const copy = copyOf(dir)
    rmSync(tile.replace(dir, copy))
    expect(await codes(copy)).toEqual([`E_TILE@${256 * i}`])
  }
  writeFileSync(join(dir, 'tile', 'note.txt'), 'a stray file')
  expect(await codes(dir)).toEqual([])
})

test('rolled back against a kept checkpoint', async () => {
  const dir = await makeLog({ entries: 20 })
  const older = copyOf(dir)
  const trail = await openSmall(dir)
  await recordSome(trail, 20)
  await trail.close()
  const kept = readFileSync(join(dir, 'checkpoint'))
  expect(await codes(dir, { against: kept })).toEqual([])
  expect(await codes(dir, { against: readFileSync(join(older, 'checkpoint')) })).toEqual([])
  const size = (await verifyDirectory(older)).size
  expect(await codes(older)).toEqual([])
  expect(await codes(older, { against: kept })).toEqual(expect.arrayContaining([`E_ROLLBACK@${size}`]))
  // Entries and checkpoint of the older copy, while the signer's own memory stayed.
  rmSync(join(older, 'keys'), { recursive: true })
  cpSync(join(dir, 'keys'), join(older, 'keys'), { recursive: true })
  expect(await codes(older)).toEqual(expect.arrayContaining([`E_ROLLBACK@${size}`]))
})

test('the checkpoint of another log, or none', async () => {
  const dir = await makeLog({ entries: 5, origin: 'example.com/a' })
  const other = await makeLog({ entries: 5, origin: 'example.com/b' })
  const copy = copyOf(dir)
  cpSync(join(other, 'checkpoint'), join(copy, 'checkpoint'))
  expect(await codes(copy)).toContain('E_ORIGIN')
  rmSync(join(copy, 'checkpoint'))
  expect(await codes(copy)).toEqual(expect.arrayContaining(['E_ROLLBACK']))
  rmSync(join(copy, 'keys'), { recursive: true })
  expect(await codes(copy)).toContain('E_ROLLBACK')
})

test('another key than the one pinned', async () => {
  const dir = await makeLog({ entries: 5, origin: 'example.com/a' })
  const imposter = await makeLog({ entries: 5, origin: 'example.com/a' })
  const vkey = readFileSync(join(dir, 'vkey'), 'utf8').split('\n')[0]!
  expect(await codes(dir, { vkey })).toEqual([])
  expect(await codes(imposter)).toEqual([])
  expect(await codes(imposter, { vkey })).toContain('E_SIG_NONE')
  const pinned = await verifyDirectory(dir, { vkey })
  expect(pinned.claim).not.toContain('proves nothing')
  expect((await verifyDirectory(imposter)).claim).toContain('proves nothing against its owner')
  await expect(verifyDirectory(dir, { vkey: 'nonsense' })).rejects.toThrow(TypeError)
  await expect(verifyDirectory(temporary())).rejects.toMatchObject({ code: 'ANNALS_NOT_FOUND' })
})

test('two histories under one key', async () => {
  const dir = await makeLog({ entries: 5 })
  const twin = copyOf(dir)
  for (const [path, n] of [
    [dir, 3],
    [twin, 3],
  ] as const) {
    const trail = await openSmall(path)
    await recordSome(trail, n)
    await trail.close()
  }
  const against = readFileSync(join(twin, 'checkpoint'))
  expect(await codes(dir, { against })).toContain('E_SPLIT_VIEW')
  const trail = await openSmall(dir)
  await recordSome(trail, 3)
  await trail.close()
  expect((await codes(dir, { against })).some(code => code.startsWith('E_CONSISTENCY@'))).toBe(true)
})

test('without keys, and with keys lost', async () => {
  const dir = await makeLog({ entries: 10 })
  const undisclosed = copyOf(dir)
  rmSync(join(undisclosed, 'keys'), { recursive: true })
  expect(await codes(undisclosed)).toEqual(['W_NOT_DISCLOSED'])
  const seedless = copyOf(dir)
  rmSync(join(seedless, 'keys', 'seeds'), { recursive: true })
  expect((await codes(seedless)).some(code => code.startsWith('E_KEY_MISSING@'))).toBe(true)
  const keyless = copyOf(dir)
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(join(keyless, 'keys', `subjects.db${suffix}`), { force: true })
  expect((await codes(keyless)).filter(code => code.startsWith('E_KEY_MISSING@'))).toHaveLength(2)
  expect(await codes(keyless, { entriesOnly: true })).toEqual([])
})
