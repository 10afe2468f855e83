import { createHash } from 'node:crypto'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyChunk } from '../../packages/annals/src/stores/embedded/verify/verify-chunk.ts'
import { verifyDirectory } from '../../packages/annals/src/stores/embedded/verify/verify-directory.ts'
import {
  alterJson,
  readSealedFile,
  type SealedFile,
  type SealedForged,
  writeSealedFile,
  writeSpineFile,
} from './forge-sealed.ts'
import { chunkOf, expireAfter, sealedLog } from './sealed-support.ts'
import { codes, copyOf, lasting } from './support.ts'

/** Chunks 0 to 14, 15 to 26 and 27 to 38 are sealed; every third event is of the class personal. */
let sealed = ''
/** The same after 100 days: the class personal has expired. */
let thinned = ''

beforeAll(async () => {
  thinned = lasting()
  const log = await sealedLog(3, 12, thinned)
  sealed = copyOf(thinned, lasting())
  await expireAfter(log, 100)
  return () => {
    for (const dir of [sealed, thinned]) rmSync(dir, { recursive: true })
  }
}, 60_000)

const SECOND = '000000000015.sealed'

function secondChunk(dir: string): string {
  return join(chunkOf(dir, 11), SECOND)
}

/** Alters the sealed segment of the second chunk, and says what is found. */
async function forge(alter: (file: SealedFile) => void, from = sealed): Promise<string[]> {
  const dir = copyOf(from)
  const file = readSealedFile(secondChunk(dir))
  writeSealedFile(secondChunk(dir), file)
  expect((await codes(dir)).filter(code => code.startsWith('E_'))).toEqual([])
  alter(file)
  writeSealedFile(secondChunk(dir), file)
  return await codes(dir)
}

function leafOf({ entry, thinned }: SealedForged): Buffer {
  return thinned?.leaf ?? createHash('sha256').update(Buffer.of(0)).update(entry, 'latin1').digest()
}

test('sealed, thinned: both verify, and the numbers are right', async () => {
  expect(await codes(sealed, { deep: true })).toEqual([])
  const report = await verifyDirectory(thinned, { deep: true })
  expect(report).toMatchObject({ ok: true, expired: 16, erased: 0, findings: [{ code: 'W_EXPIRED' }] })
  expect(report.checked + 16).toBe(report.size)
  expect(report.claim).toContain('16 entries expired under 4 entries of retention')
})

test('a chunk verifies by itself, and without the rest of its log', async () => {
  const vkey = readFileSync(join(sealed, 'vkey'), 'utf8').trim()
  const inPlace = await verifyChunk(chunkOf(sealed, 11), { vkey })
  expect(inPlace).toMatchObject({ ok: true, size: 12, checked: 12, findings: [] })
  const alone = copyOf(chunkOf(thinned, 11))
  const away = join(alone, '2026-01-05_11')
  cpSync(chunkOf(thinned, 11), away, { recursive: true })
  const report = await verifyChunk(away, { vkey })
  expect(report).toMatchObject({ ok: true, size: 12, checked: 8, expired: 4 })
  expect(report.findings.map(({ code }) => code)).toEqual(['W_NOT_DISCLOSED', 'W_AUTHORITY_ELSEWHERE'])
  expect(report.claim).toMatch(/^Entries 15 to 26 are complete and unaltered/)
  expect((await verifyChunk(away)).findings.map(({ code }) => code)).toContain('E_SIG_NONE')

  const wrong = async (alter: () => void): Promise<string[]> => {
    rmSync(away, { recursive: true })
    cpSync(chunkOf(thinned, 11), away, { recursive: true })
    alter()
    return (await verifyChunk(away, { vkey })).findings.map(({ code }) => code)
  }
  const manifest = join(away, 'seal.json')
  expect(await wrong(() => alterJson(manifest, seal => (seal['frontier'] as string[]).reverse()))).toContain(
    'E_FRONTIER',
  )
  expect(await wrong(() => alterJson(manifest, seal => (seal['frontier'] as string[]).pop()))).toContain(
    'E_FRONTIER',
  )
  expect(await wrong(() => alterJson(manifest, seal => delete seal['before']))).toContain(
    'E_CHUNK_NO_BOUNDARY',
  )
  expect(
    await wrong(() => alterJson(manifest, seal => Object.assign(seal, { after: seal['before'] }))),
  ).toContain('E_CHUNK_NO_BOUNDARY')
  expect(await wrong(() => writeFileSync(manifest, '{}'))).toContain('E_SEAL')
  const altered = await wrong(() => {
    const file = readSealedFile(join(away, SECOND))
    file.records[0]!.entry = file.records[0]!.entry.replace('"o":"success"', '"o":"failure"')
    writeSealedFile(join(away, SECOND), file)
  })
  expect(altered).toContain('E_ROOT')
  expect(await wrong(() => rmSync(join(away, SECOND)))).toContain('E_ENTRY_MISSING')
})

describe('attacks on a sealed chunk', () => {
  test('an altered header', async () => {
    const found = await forge(({ records }) => {
      records[3]!.entry = records[3]!.entry.replace('"o":"success"', '"o":"failure"')
    })
    expect(found).toEqual(expect.arrayContaining(['E_CONSISTENCY@15', 'E_ROOT@15']))
  })

  test('removed, swapped and inserted records', async () => {
    const removed = await forge(({ records }) => void records.splice(3, 1))
    expect(removed).toEqual(expect.arrayContaining(['E_SOURCE_GAP@18', 'E_ENTRY_MISSING@26']))
    const swapped = await forge(({ records }) => {
      ;[records[3], records[4]] = [records[4]!, records[3]!]
    })
    expect(swapped).toEqual(expect.arrayContaining(['E_CONSISTENCY@15', 'E_DUP_ID@19', 'E_TIME_ORDER@19']))
    const inserted = await forge(({ records }) => void records.splice(4, 0, structuredClone(records[3]!)))
    expect(inserted).toEqual(expect.arrayContaining(['E_ENTRY_FORMAT@27']))
  })

  test('another content, and a part of another event', async () => {
    const other = await forge(({ records }) => {
      const what = records[3]!.parts.find(part => part.name === 'what')!
      what.bytes = Buffer.from(what.bytes.toString().replace('"n":3', '"n":4'))
    })
    expect(other).toEqual(['E_PART_MISMATCH@18'])
    const moved = await forge(({ records }) => {
      records[3]!.parts[0] = records[5]!.parts[0]!
    })
    expect(moved).toEqual(['E_PART_MISMATCH@18'])
  })

  test('content that is gone without authority', async () => {
    const wiped = await forge(({ records }) => {
      Object.assign(records[3]!.parts[0]!, { erased: true, keys: Buffer.alloc(0), bytes: Buffer.alloc(0) })
    })
    expect(wiped).toEqual(['E_PART_REMOVED@18'])
    expect(await forge(({ records }) => void records[3]!.parts.pop())).toEqual(['E_PART_REMOVED@18'])
  })

  test('bytes behind a stream, with all lengths and CRCs right', async () => {
    const dir = copyOf(sealed)
    writeSealedFile(secondChunk(dir), readSealedFile(secondChunk(dir)), Buffer.from('!'))
    expect(await codes(dir)).toContain('E_ENTRY_FORMAT@15')
  })

  test('a directory that states another time or id', async () => {
    const time = await forge(({ stated }) => {
      for (const line of stated) line.time++
    })
    expect(time).toEqual(['E_ENTRY_FORMAT@15'])
    const id = await forge(({ stated }) => {
      for (const line of stated) line.id = Buffer.alloc(16)
    })
    expect(id).toEqual(['E_ENTRY_FORMAT@15'])
  })

  test('segments of sealed chunks deleted', async () => {
    for (const [hour, first] of [
      [10, 0],
      [11, 15],
      [12, 27],
    ] as const) {
      const dir = copyOf(sealed)
      rmSync(chunkOf(dir, hour), { recursive: true })
      expect(await codes(dir)).toContain(`E_ENTRY_MISSING@${first}`)
    }
  })
})

describe('retention without right', () => {
  const thin = (record: SealedForged, retention: string): void => {
    Object.assign(record, { thinned: { leaf: leafOf(record), retention }, entry: '', parts: [] })
  }

  test('an entry thinned without authority', async () => {
    const found = await forge(({ records }) => thin(records[3]!, 'standard'))
    expect(found).toEqual(['E_PRUNED_UNAUTHORISED@18'])
  })

  test('an entry thinned under the label of a class that expired', async () => {
    const found = await forge(({ records }) => thin(records[3]!, 'personal'), thinned)
    expect(found).toContain('E_PRUNED_UNAUTHORISED@17')
    const unknown = await forge(({ records }) => thin(records[3]!, 'nothing'), thinned)
    expect(unknown).toContain('E_PRUNED_UNAUTHORISED@18')
  })

  test('a lawfully thinned entry whose leaf is altered', async () => {
    const found = await forge(({ records }) => {
      const record = records.find(one => one.thinned !== undefined)!
      record.thinned!.leaf = Buffer.from(record.thinned!.leaf.map((byte, i) => (i === 0 ? byte ^ 1 : byte)))
    }, thinned)
    expect(found).toEqual(expect.arrayContaining(['E_CONSISTENCY@15']))
  })

  test('a chunk dropped without authority', async () => {
    const dir = copyOf(sealed)
    const { records } = readSealedFile(secondChunk(dir))
    writeSpineFile(secondChunk(dir).replace('.sealed', '.spine'), 15, 15, records.map(leafOf))
    expect(await codes(dir)).toEqual(['E_PRUNED_UNAUTHORISED@15', 'W_LEFTOVER@15'])
    rmSync(secondChunk(dir))
    expect(await codes(dir)).toEqual(['E_PRUNED_UNAUTHORISED@15'])
  })

  test('a retention that names another chunk is no authority for this one', async () => {
    // The third chunk's entries are thinned in the copy; the second is that of the log before.
    const dir = copyOf(thinned)
    const records = readSealedFile(secondChunk(dir)).records
    expect(records.filter(record => record.thinned !== undefined)).toHaveLength(4)
    const found = await forge(({ records: all }) => {
      for (const record of all) if (record.thinned === undefined) thin(record, 'standard')
    }, thinned)
    expect(found).toContain('E_PRUNED_UNAUTHORISED@15')
  })
})

describe('the manifest of a chunk', () => {
  const altered = async (alter: (seal: Record<string, unknown>) => void): Promise<string[]> => {
    const dir = copyOf(sealed)
    alterJson(join(chunkOf(dir, 11), 'seal.json'), alter)
    return await codes(dir)
  }

  test('every statement of it is held against something', async () => {
    expect(await altered(seal => Object.assign(seal, { origin: 'example.com/other' }))).toContain('E_SEAL@15')
    expect(await altered(seal => Object.assign(seal, { last: 1 }))).toContain('E_SEAL@15')
    expect(await altered(seal => Object.assign(seal, { hi: 26 }))).toContain('E_SEAL@15')
    expect(await altered(seal => Object.assign(seal, { period: '2026-01-05_12' }))).toContain('E_SEAL@15')
    expect(await altered(seal => (seal['frontier'] as string[]).reverse())).toContain('E_FRONTIER@15')
    expect(await altered(seal => delete seal['before'])).toContain('E_CHUNK_NO_BOUNDARY@15')
    expect(await altered(seal => Object.assign(seal, { after: seal['before'] }))).toContain(
      'E_CHUNK_NO_BOUNDARY@15',
    )
    const classes = await altered(seal =>
      Object.assign((seal['classes'] as Record<string, object>)['personal']!, { count: 5 }),
    )
    expect(classes).toEqual(['E_SEAL@15', 'E_SEAL@15'])
  })

  test('missing, or of another chunk', async () => {
    const dir = copyOf(sealed)
    rmSync(join(chunkOf(dir, 11), 'seal.json'))
    expect(await codes(dir)).toEqual(['E_SEAL@15'])
    cpSync(join(chunkOf(dir, 10), 'seal.json'), join(chunkOf(dir, 11), 'seal.json'))
    expect(await codes(dir)).toContain('E_SEAL@15')
  })

  test('a checkpoint that was not kept, or is another', async () => {
    const dir = copyOf(sealed)
    const kept = join(dir, 'checkpoints', '000000000027')
    renameSync(kept, `${kept}.away`)
    expect(await codes(dir)).toEqual(['E_CHUNK_NO_BOUNDARY@15', 'E_CHUNK_NO_BOUNDARY@27'])
    cpSync(join(dir, 'checkpoints', '000000000015'), kept)
    expect(await codes(dir)).toContain('E_CHUNK_NO_BOUNDARY@27')
  })
})
