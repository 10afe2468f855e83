import assert from 'node:assert/strict'
import type { DerivedBytes, Store } from '../../log/store.ts'
import type { Law } from './law.ts'

/** Names that a store must keep apart from its own files and from each other. */
const NAMES = ['metrics', 'state', 'checkpoint']

export const DERIVED_LAWS: readonly Law[] = [
  {
    title: 'what is derived is given back as it was saved last, by name',
    needs: 'persistence',
    async prove(bench) {
      const derived = derivedOf(await bench.open())
      for (const name of NAMES) assert.equal(await derived.load(name), undefined, name)
      for (const [n, name] of NAMES.entries()) await derived.save(name, Uint8Array.of(n, 255, 0, 10, n))
      for (const [n, name] of NAMES.entries())
        assert.deepEqual(bytesOf(await derived.load(name)), [n, 255, 0, 10, n])
      await derived.save('metrics', new Uint8Array(0))
      assert.deepEqual(bytesOf(await derived.load('metrics')), [])
      const large = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251)
      await derived.save('metrics', large)
      assert.deepEqual(bytesOf(await derived.load('metrics')), [...large])
      assert.deepEqual(bytesOf(await derived.load('state')), [1, 255, 0, 10, 1])
    },
  },
  {
    title: 'what is derived is there again after a clean end, and the log does not mind it',
    needs: 'persistence',
    async prove(bench) {
      const log = await bench.log()
      const derived = derivedOf(log.store)
      for (const name of NAMES) await derived.save(name, Buffer.from(`of ${name}`))
      const again = await log.again(bench)
      assert.equal(again.head.tree.size, log.size)
      assert.deepEqual(again.head.notices, [])
      for (const name of NAMES)
        assert.equal(Buffer.from((await again.store.derived?.load(name)) ?? []).toString(), `of ${name}`)
    },
  },
]

function derivedOf({ derived }: Store): DerivedBytes {
  assert.ok(derived !== undefined, 'a store that persists keeps what is derived, too')
  return derived
}

function bytesOf(bytes: Uint8Array | undefined): readonly number[] | undefined {
  return bytes && [...bytes]
}
