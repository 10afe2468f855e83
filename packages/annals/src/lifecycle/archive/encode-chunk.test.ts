import { describe, expect, it, onTestFinished } from 'vitest'
import type { Positioned, StagedChunk } from '../../log/log-store.ts'
import { commitment, partSalt, partSecret } from '../../log/secrets.ts'
import type { Store } from '../../log/store.ts'
import { clockedTrail, recordDays } from './archive.test-support.ts'
import { decodeChunk } from './decode-chunk.ts'
import { decodeSlot, slotKeyIds } from './slot.ts'

async function staged(): Promise<{ store: Store; hi: number; chunk: StagedChunk }> {
  const log = await clockedTrail()
  onTestFinished(() => log.trail.close())
  await recordDays(log, 1, 60)
  const { hi } = await log.store.log.seal(0)
  return { store: log.store, hi, chunk: await log.store.log.stage(0) }
}

function objectsOf(chunk: StagedChunk): (name: string) => AsyncIterable<Uint8Array> {
  return name => {
    const found = chunk.objects.find(one => one.name === name)
    if (found === undefined) throw new Error(`no ${name}`)
    return found.open()
  }
}

describe('a staged chunk', () => {
  it('holds every entry and every part as recorded, each under its own key', async () => {
    const { store, hi, chunk } = await staged()
    const names = chunk.objects.map(one => one.name)
    expect(names).toEqual([
      'entries.bundle',
      'parts-ledger.bin',
      'parts-personal.bin',
      'parts-security.bin',
      'parts-standard.bin',
    ])
    let next = 0
    let parts = 0
    for await (const archived of decodeChunk({ lo: 0, hi, objects: names }, objectsOf(chunk))) {
      const [stored] = (await Array.fromAsync(store.log.read(next, next + 1))).flat() as [Positioned]
      expect(archived.entry.equals(stored.record.entry)).toBe(true)
      const secrets = await store.keys.secrets(0, archived.retention)
      for (const [i, part] of archived.parts.entries()) {
        const e = secrets?.partSeed(next, part.name) as string
        const slot = part.slot as NonNullable<typeof part.slot>
        const ids = slotKeyIds(slot, e)
        expect(ids).toEqual(stored.record.parts[i]?.keys.map(key => key.id))
        const keys = await store.keys.subjectsById(ids)
        const found = ids.map(id => keys.get(id)?.key as string)
        const at = { origin: 'example.com/archive', index: next, name: part.name }
        const bytes = decodeSlot(at, slot, e, found)
        expect(bytes.equals(stored.record.parts[i]?.bytes as Buffer)).toBe(true)
        expect(commitment(partSalt(partSecret(e, found)), part.name, bytes)).toBe(part.commitment)
        expect(() => decodeSlot({ ...at, index: next + 1 }, slot, e, found)).toThrow()
        expect(() => decodeSlot({ ...at, name: 'other' }, slot, e, found)).toThrow()
        expect(() => decodeSlot({ ...at, origin: 'example.com/other' }, slot, e, found)).toThrow()
        parts++
      }
      next++
    }
    expect(next).toBe(hi)
    expect(parts).toBe(2 * hi)
  })

  it('is the same each time, so that an interrupted run can be gone on with', async () => {
    const { store, chunk } = await staged()
    const again = await store.log.stage(0)
    const facts = (one: StagedChunk) =>
      one.objects.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }))
    expect(facts(again)).toEqual(facts(chunk))
  })

  it('shows nothing of content or persons', async () => {
    const { store, hi, chunk } = await staged()
    const bytes = Buffer.concat(
      (await Promise.all(chunk.objects.map(one => Array.fromAsync(one.open())))).flat(),
    )
    for await (const batch of store.log.read(0, hi)) {
      for (const { record } of batch) {
        for (const part of record.parts) {
          expect(bytes.includes((part.bytes as Buffer).subarray(0, 24))).toBe(false)
          for (const key of part.keys) {
            expect(bytes.includes(Buffer.from(key.id, 'latin1'))).toBe(false)
            expect(bytes.includes(Buffer.from(key.tag, 'latin1'))).toBe(false)
          }
        }
      }
    }
  })

  it('has an empty slot where a part was erased, and none where an entry was thinned', async () => {
    const { store, hi } = await staged()
    await store.log.erase([[5, 'who']])
    await store.log.thin(0, [[8, 10]])
    const chunk = await store.log.stage(0)
    const entries = await Array.fromAsync(
      decodeChunk({ lo: 0, hi, objects: chunk.objects.map(one => one.name) }, objectsOf(chunk)),
    )
    expect(entries[5]?.parts.map(part => part.slot === undefined)).toEqual([false, true])
    expect(entries[8]).toMatchObject({ index: 8, parts: [] })
    expect(entries[8]?.thinned?.leaf).toHaveLength(32)
    expect(entries[10]?.parts).toHaveLength(2)
  })

  it('is refused when content is there and its key is not', async () => {
    const { store } = await staged()
    await store.keys.destroyClass(0, 'standard', [])
    await expect(store.log.stage(0)).rejects.toMatchObject({ code: 'ANNALS_KEYS' })
  })
})
