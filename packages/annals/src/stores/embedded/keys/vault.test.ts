import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { randomOf } from '../../../testing/random.ts'
import { filesWith, newKeys } from './keys.test-support.ts'
import { type TaggedKey, Vault, vaultPath, type WrappedKey } from './vault.ts'
import { removeTraces } from './vault-traces.ts'

it('no byte of a destroyed key, its id or its tag is in the database or its log', async () => {
  const { layout, kek } = await newKeys()
  const vault = new Vault(layout, kek)
  const random = randomOf(3)
  const keys = boundKeys(vault, 3_000)
  const retired = keys.splice(0, 40)
  vault.retire(retired.map(({ tag }) => tag))
  for (let round = 0; round < 40; round++) {
    const doomed = [retired.pop() as TaggedKey]
    for (let more = round % 4 === 0 ? 12 : 1; more > 0; more--)
      doomed.push(keys.splice(random.below(keys.length), 1)[0] as TaggedKey)
    vault.destroy(doomed.map(({ id }) => id))
    for (const { id, wrapped, tag } of doomed)
      for (const bytes of [id, wrapped, tag]) expect(filesWith(layout.keys, bytes)).toEqual([])
  }
  expect(vault.byId(keys.map(({ id }) => id))).toEqual(keys)
  vault.close()
  expect(existsSync(`${vaultPath(layout)}-wal`)).toBe(false)
})

it('finds a copy that a deletion left in a gap of a page, and removes it', async () => {
  const { layout, kek } = await newKeys()
  const vault = new Vault(layout, kek)
  const [doomed] = boundKeys(vault, 100) as [TaggedKey]
  vault.close()
  // Without secure_delete the bytes of the row stay where they were.
  const plain = new DatabaseSync(vaultPath(layout))
  plain.exec('PRAGMA secure_delete=OFF')
  plain.prepare('DELETE FROM subject WHERE id = ?').run(doomed.id)
  removeTraces(plain, vaultPath(layout), [])
  expect(filesWith(layout.keys, doomed.wrapped)).not.toEqual([])
  removeTraces(plain, vaultPath(layout), [doomed.wrapped])
  expect(filesWith(layout.keys, doomed.wrapped)).toEqual([])
  plain.close()
})

it('finishes at its opening a destruction that was cut short', async () => {
  const { layout, kek } = await newKeys()
  const first = new Vault(layout, kek)
  const [doomed] = boundKeys(first, 100) as [TaggedKey]
  first.close()
  const plain = new DatabaseSync(vaultPath(layout))
  plain.exec("PRAGMA secure_delete=OFF; UPDATE mark SET value = 1 WHERE name = 'traces'")
  plain.prepare('DELETE FROM subject WHERE id = ?').run(doomed.id)
  plain.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  expect(filesWith(layout.keys, doomed.id)).not.toEqual([])
  plain.close()
  const vault = new Vault(layout, kek)
  expect(filesWith(layout.keys, doomed.id)).toEqual([])
  vault.close()
})

it('waits for a process that still reads what was there before', async () => {
  const { layout, kek } = await newKeys()
  const vault = new Vault(layout, kek)
  const [doomed] = boundKeys(vault, 50) as [TaggedKey]
  const reading = new Worker(
    `const { DatabaseSync } = require('node:sqlite')
    const { parentPort, workerData } = require('node:worker_threads')
    const db = new DatabaseSync(workerData, { readOnly: true })
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM subject').get()
    parentPort.postMessage('reading')
    setTimeout(() => { db.exec('COMMIT'); db.close() }, 200)`,
    { eval: true, workerData: vaultPath(layout) },
  )
  await once(reading, 'message')
  vault.destroy([doomed.id])
  for (const bytes of [doomed.id, doomed.wrapped]) expect(filesWith(layout.keys, bytes)).toEqual([])
  await once(reading, 'exit')
  vault.close()
})

it('a key that entries use is never free in an older copy, whoever had which key then', async () => {
  const { layout, kek } = await newKeys()
  const vault = new Vault(layout, kek)
  const tag = randomBytes(16)
  const [first, second] = vault.take(2) as [WrappedKey, WrappedKey]
  vault.bind([{ tag, id: first.id }], 1)
  vault.close()
  const copy = `${vaultPath(layout)}.copy`
  copyFileSync(vaultPath(layout), copy)
  const later = new Vault(layout, kek)
  later.retire([tag])
  later.bind([{ tag, id: second.id }], 2)
  expect(Buffer.from(later.find([tag])[0]?.id as Uint8Array)).toEqual(Buffer.from(second.id))
  later.close()

  copyFileSync(copy, vaultPath(layout))
  const restored = new Vault(layout, kek)
  expect(restored.mark('bound')).toBe(1)
  restored.bind([{ tag, id: second.id }], 2)
  expect(Buffer.from(restored.find([tag])[0]?.id as Uint8Array)).toEqual(Buffer.from(first.id))
  expect(restored.byId([first.id, second.id]).map(key => Buffer.from(key.tag))).toEqual([tag, tag])
  expect(restored.take(5).map(({ id }) => Buffer.from(id).equals(second.id))).not.toContain(true)
  restored.close()
})

it('opens a vault that was made before keys could be retired', async () => {
  const { layout, kek } = await newKeys()
  const first = new Vault(layout, kek)
  const keys = boundKeys(first, 3)
  first.close()
  const plain = new DatabaseSync(vaultPath(layout))
  plain.exec("DROP TABLE retired; DELETE FROM mark WHERE name <> 'bound'")
  plain.close()
  const vault = new Vault(layout, kek)
  expect(vault.byId(keys.map(({ id }) => id))).toEqual(keys)
  expect(vault.mark('applied')).toBe(0)
  vault.close()
  expect(readFileSync(vaultPath(layout), 'latin1').slice(0, 15)).toBe('SQLite format 3')
})

function boundKeys(vault: Vault, count: number): TaggedKey[] {
  const keys = vault.take(count).map(key => ({ ...key, tag: randomBytes(16) }))
  vault.bind(keys, count)
  return vault.byId(keys.map(({ id }) => id))
}
