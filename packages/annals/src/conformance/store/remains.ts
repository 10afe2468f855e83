import assert from 'node:assert/strict'
import { tilesForSize, treeHash } from '@annals/tlog'
import { sha256, sha256Bytes } from '../../log/digest.ts'
import { readEntry } from '../../log/entry.ts'
import type { PartPlace, Range } from '../../log/log-store.ts'
import { isOwnEntry } from '../../log/own-entry.ts'
import { readEvent } from '../../log/read-event.ts'
import { readRecord, type StoredRecord } from '../../log/record-bytes.ts'
import { treeReader } from '../../log/tree-reader.ts'
import type { AuditEvent } from '../../model/index.ts'
import { readAll } from './held.ts'
import { rootOf } from './root-of.ts'
import type { SampleLog } from './sample-log.ts'
import type { Written } from './written.ts'

/** Erases parts, and expects them to be gone from now on. */
export async function eraseParts(log: SampleLog, parts: readonly PartPlace[]): Promise<void> {
  await log.store.log.erase(parts)
  for (const [index, name] of parts) {
    const written = log.written[index] as Written
    const has = readRecord(written.bytes, 0).parts.some(part => part.name === name)
    if (!has || written.thinned) continue
    const erased = new Set([...(written.erased ?? []), name])
    log.written[index] = { ...written, erased, event: eventWithout(written, erased) }
  }
}

/** Thins ranges of a chunk, and expects nothing but leaf hashes there from now on. */
export async function thinEntries(log: SampleLog, lo: number, ranges: readonly Range[]): Promise<void> {
  const chunk = (await log.store.log.chunks()).find(one => one.lo === lo)
  assert.ok(chunk !== undefined)
  await log.store.log.thin(lo, ranges)
  for (const [from, to] of ranges) {
    for (let index = Math.max(from, lo); index < Math.min(to, chunk.hi); index++)
      log.written[index] = { ...(log.written[index] as Written), thinned: true }
  }
}

/** Drops a chunk, and expects nothing but leaf hashes and the log's own entries there from now on. */
export async function dropChunk(log: SampleLog, lo: number): Promise<void> {
  const chunk = (await log.store.log.chunks()).find(one => one.lo === lo)
  assert.ok(chunk !== undefined)
  await log.store.log.drop(lo)
  for (let index = lo; index < chunk.hi; index++) {
    const written = log.written[index] as Written
    if (!isOwnEntry(readRecord(written.bytes, 0).entry)) log.written[index] = { ...written, thinned: true }
  }
}

function eventWithout({ index, bytes }: Written, erased: ReadonlySet<string>): AuditEvent {
  const record = readRecord(bytes, 0)
  const parts = record.parts.map(part => ({
    name: part.name,
    json: erased.has(part.name) ? null : ((part.bytes as Buffer).toString('utf8') as string),
  }))
  return readEvent(index, readEntry(record.entry.toString('latin1')), parts)
}

/** Asserts that a log holds what must be left of it, and nothing that must be gone. */
export async function assertRemains(log: SampleLog): Promise<void> {
  const held = await readAll(log.store, 0, log.size + 1_000)
  assert.deepEqual(
    held.map(({ index }) => index),
    log.written.map(({ index }) => index),
  )
  for (const { index, bytes } of held) {
    const written = log.written[index] as Written
    const record = readRecord(bytes, 0, 'all')
    if (written.thinned) assertThinned(record, written)
    else assertPartsLeft(record, written)
  }
  await assertTree(log)
}

function assertThinned({ thinned, entry, parts }: StoredRecord, { index, leaf, bytes }: Written): void {
  const { retention } = readEntry(readRecord(bytes, 0).entry.toString('latin1'))
  assert.ok(thinned !== undefined, `the entry at ${index} is thinned`)
  assert.ok(thinned.leaf.equals(leaf), `the leaf at ${index} is that of the entry`)
  // Of a chunk that was dropped the class is gone, too.
  assert.ok([retention, ''].includes(thinned.retention), `the class at ${index} is ${retention}`)
  assert.deepEqual([entry.length, parts.length], [0, 0])
}

function assertPartsLeft(record: StoredRecord, { index, leaf, bytes, erased }: Written): void {
  const was = readRecord(bytes, 0)
  assert.equal(record.thinned, undefined, `the entry at ${index} is not thinned`)
  assert.ok(record.entry.equals(was.entry), `the entry at ${index} is as it was`)
  assert.equal(sha256(Buffer.concat([Buffer.of(0), record.entry])), leaf.toString('latin1'))
  assert.deepEqual(
    record.parts.map(({ name }) => name),
    was.parts.map(({ name }) => name),
  )
  for (const [i, part] of record.parts.entries()) {
    const before = was.parts[i] as StoredRecord['parts'][number]
    const place = `${part.name} at ${index}`
    if (erased?.has(part.name)) {
      assert.equal(part.bytes, null, `${place} is gone`)
      for (const { id, tag } of part.keys)
        assert.equal(id + tag, '\0'.repeat(32), `${place} names no key any more`)
    } else {
      assert.ok(part.bytes?.equals(before.bytes as Buffer), `${place} is as it was`)
      assert.deepEqual(part.keys, before.keys)
    }
  }
}

/** The tree over all entries, thinned ones included, is as it was written. */
async function assertTree(log: SampleLog): Promise<void> {
  if (log.size === 0) return
  for (const tile of tilesForSize(0, log.size)) {
    if (tile.level > 0) continue
    const bytes = Buffer.from(await log.store.log.hashes(tile))
    const leaves = log.written.slice(tile.index * 256, tile.index * 256 + tile.width)
    assert.ok(
      bytes.equals(Buffer.concat(leaves.map(({ leaf }) => leaf))),
      `the tile ${tile.index} is as it was`,
    )
  }
  const root = await treeHash(sha256Bytes, log.size, treeReader(log.store.log, log.size))
  assert.deepEqual(Buffer.from(root), Buffer.from(rootOf(log.written)))
}

/** Positions of ids, keys and times are those of what is left. */
export async function assertPositions(log: SampleLog): Promise<void> {
  const { search } = log.store
  const keyed = log.written.filter(({ key }) => key !== undefined)
  assert.deepEqual(
    await search.keyed(keyed.map(({ key }) => key as string)),
    keyed.map(({ index, thinned }) => (thinned ? undefined : index)),
  )
  for (const { index, event, thinned } of log.written.filter((_, i) => i % 7 === 0))
    assert.equal(await search.position(event.id), thinned ? undefined : index)
  const left = log.written.filter(({ thinned }) => !thinned)
  for (const time of new Set(log.written.flatMap(written => [written.time, written.time + 1]))) {
    const at = await search.positionAt(time)
    for (const { index, time: recorded } of left)
      assert.equal(
        index >= at,
        recorded >= time,
        `positionAt(${time}) is ${at}, the entry at ${index} is of ${recorded}`,
      )
  }
}
