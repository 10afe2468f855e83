import assert from 'node:assert/strict'
import type { Person } from '../../log/key-store.ts'
import type { Store } from '../../log/store.ts'
import { DESTRUCTION_LAWS } from './destruction-laws.ts'
import type { Law } from './law.ts'

/** The last is also the name of a member that every object has. */
const CLASSES = ['standard', 'ledger', 'constructor']

export const KEY_LAWS: readonly Law[] = [
  ...DESTRUCTION_LAWS,
  {
    title: 'a chunk and class has one seed for ever, and no two share one',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const seeds = new Map<string, string>()
      for (const classes of [['standard'], ['ledger', 'standard'], CLASSES, []]) {
        for (const chunk of [0, 1, 7, 4_000_000_000]) {
          const found = await keys.chunkSeeds(chunk, classes)
          for (const name of classes) {
            const nodes = found.get(name) ?? []
            assert.deepEqual([nodes.length, nodes[0]?.depth, nodes[0]?.first], [1, 0, 0])
            const seed = nodes[0]?.node ?? ''
            assert.equal(seed.length, 32)
            assert.equal(seeds.get(`${chunk}/${name}`) ?? seed, seed)
            seeds.set(`${chunk}/${name}`, seed)
          }
        }
      }
      assert.equal(new Set(seeds.values()).size, 12)
    },
  },
  {
    title: 'a person has one key for ever, and no two share one',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const persons = [
        ...people(40),
        { type: 'key', id: 'person-1' },
        { type: 'user', id: '' },
        { type: 'user', id: 'Jörg 😀' },
      ]
      const first = await keys.subjectKeys(persons)
      for (const field of ['id', 'tag', 'key'] as const) {
        assert.equal(new Set(first.map(key => key[field])).size, persons.length, `${field}s are distinct`)
      }
      for (const { id, tag, key } of first) {
        assert.deepEqual([id.length, tag.length, key.length], [16, 16, 32])
        assert.doesNotMatch(id + tag + key, /[^\0-\xff]/)
      }
      assert.deepEqual(await keys.subjectKeys(persons), first)
      assert.deepEqual(await keys.subjectKeys([...persons].reverse()), [...first].reverse())
      const [, again] = await keys.subjectKeys([{ type: 'user', id: 'new' }, persons[3] as Person])
      assert.deepEqual(again, first[3])
      assert.deepEqual(await keys.subjectKeys([]), [])
    },
  },
  {
    title: 'a person named twice in one call has one key, new or not',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const person = { type: 'user', id: 'twice' }
      const [a, b] = await keys.subjectKeys([person, person])
      assert.deepEqual(a, b)
      assert.deepEqual(await keys.subjectKeys([person]), [a])
    },
  },
  {
    title: 'gives 2,000 new persons their keys in one call',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const persons = people(2_000, 10_000)
      const first = await keys.subjectKeys(persons)
      assert.equal(new Set(first.map(({ id }) => id)).size, 2_000)
      assert.equal(new Set(first.map(({ key }) => key)).size, 2_000)
      assert.equal(new Set(first.map(({ tag }) => tag)).size, 2_000)
      assert.deepEqual(await keys.subjectKeys(persons), first)
      const more = await keys.subjectKeys(people(500, 12_000))
      assert.equal(new Set([...first, ...more].map(({ id }) => id)).size, 2_500)
    },
  },
  {
    title: 'calls for persons at the same time agree',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const persons = people(3, 20_000)
      const [first, second] = await Promise.all([keys.subjectKeys(persons), keys.subjectKeys(persons)])
      assert.deepEqual(first, second)
      assert.deepEqual(await keys.subjectKeys(persons), first)
    },
  },
  {
    title: 'calls for seeds at the same time agree, and lose none',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const seeds = await Promise.all([...'abac'].map(name => keys.chunkSeeds(5, [name])))
      const later = await keys.chunkSeeds(5, ['a', 'b', 'c'])
      assert.deepEqual(
        seeds.map((found, i) => found.get('abac'[i] ?? '')),
        [...'abac'].map(name => later.get(name)),
      )
    },
  },
  {
    title: 'keys, seeds and pepper are the same when it is opened again',
    needs: 'persistence',
    async prove(bench) {
      let store = await bench.open()
      const persons = people(300)
      const pepper = Buffer.from(store.keys.pepper)
      const seeds = await seedsOf(store)
      const first = await store.keys.subjectKeys(persons)
      for (let round = 0; round < 2; round++) {
        store = await bench.reopen(store)
        assert.ok(pepper.equals(store.keys.pepper))
        assert.deepEqual(await seedsOf(store), seeds)
        assert.deepEqual(await store.keys.subjectKeys(persons), first)
        const fresh = await store.keys.subjectKeys(people(100, 1_000 * (round + 1)))
        assert.equal(new Set([...first, ...fresh].map(({ id }) => id)).size, 400)
      }
    },
  },
]

function people(count: number, from = 0): Person[] {
  return Array.from({ length: count }, (_, i) => ({ type: 'user', id: `person-${from + i}` }))
}

async function seedsOf({ keys }: Store): Promise<unknown> {
  const found = [await keys.chunkSeeds(0, CLASSES), await keys.chunkSeeds(9, CLASSES)]
  return found.map(seeds => CLASSES.map(name => seeds.get(name)))
}
