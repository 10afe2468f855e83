import assert from 'node:assert/strict'
import type { Store } from '../../log/store.ts'
import type { SampleLog } from './sample-log.ts'
import type { Written } from './written.ts'

/** A record as a store gave it back. */
export interface Held {
  readonly index: number
  readonly bytes: Buffer
}

/** Everything that `read` yields for a range. */
export async function readAll(store: Store, from: number, to: number): Promise<Held[]> {
  const held: Held[] = []
  for await (const batch of store.log.read(from, to)) {
    assert.ok(batch.length > 0, 'read yields no empty batch')
    for (const { index, record } of batch) held.push({ index, bytes: Buffer.from(record.bytes) })
  }
  return held
}

/** Asserts that records are these, byte by byte. */
export function assertHeld(held: readonly Held[], written: readonly Written[]): void {
  assert.deepEqual(
    held.map(({ index }) => index),
    written.map(({ index }) => index),
  )
  for (const [i, { index, bytes }] of held.entries()) {
    assert.ok(bytes.equals((written[i] as Written).bytes), `the record at ${index} is not the one appended`)
  }
}

/** Asserts that a store holds what its log has written, and no more. */
export async function assertWhole(log: SampleLog): Promise<void> {
  assertHeld(await readAll(log.store, 0, log.size + 1_000), log.written)
}
