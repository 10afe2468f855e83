import assert from 'node:assert/strict'
import type { KeyStore, Person } from '../../log/key-store.ts'
import type { Store } from '../../log/store.ts'
import { type Random, randomOf } from '../../testing/random.ts'
import { KeyModel, PARTS } from './key-model.ts'
import type { Law } from './law.ts'

const OFFSETS = [0, 1, 2, 3, 7, 8, 63, 64, 100_000, 2 ** 32 - 1]
const PERSONS: readonly Person[] = Array.from({ length: 6 }, (_, i) => ({ type: 'user', id: `doomed-${i}` }))

/** Does one thing to a store and its model, whatever comes. */
async function step(model: KeyModel, keys: KeyStore, random: Random): Promise<void> {
  const some = <T>(of: readonly T[]): T[] => of.filter(() => random.below(3) === 0)
  switch (random.below(5)) {
    case 0: {
      const punctures = some(OFFSETS).map(offset => ({ offset, kept: some(PARTS) }))
      return await model.puncture(keys, random.below(5), punctures)
    }
    case 1:
      return await model.destroyClass(keys, random.below(5), some(OFFSETS))
    case 2:
      return await model.retire(keys, some(PERSONS))
    case 3:
      return await model.addPersons(keys, some(PERSONS))
    default:
      return await model.destroySubject(keys, random.below(20))
  }
}

/** What is destroyed is gone for ever, and nothing else is. */
export const DESTRUCTION_LAWS: readonly Law[] = [
  {
    title: 'after any sequence of destructions exactly the right secrets are left',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      for (let seed = 0; seed < 30; seed++) {
        const random = randomOf(seed)
        const model = await newModel(keys, 1_000_000 + 10 * seed)
        for (let steps = 8; steps > 0; steps--) {
          await step(model, keys, random)
          await model.check(keys)
        }
        await model.retire(keys, PERSONS)
      }
    },
  },
  {
    title: 'after any sequence of destructions the same is left when it is opened again',
    needs: 'persistence',
    async prove(bench) {
      let store: Store = await bench.open()
      const model = await newModel(store.keys, 0)
      const random = randomOf(17)
      for (let round = 0; round < 3; round++) {
        for (let steps = 5; steps > 0; steps--) await step(model, store.keys, random)
        store = await bench.reopen(store)
        await model.check(store.keys)
        await model.addPersons(store.keys, PERSONS)
      }
    },
  },
  {
    title: 'a part that is kept is kept, and what was removed once is not kept by a later removal',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const chunk = 2_000_000
      await keys.chunkSeeds(chunk, ['standard'])
      const before = await keys.secrets(chunk, 'standard')
      await keys.puncture(chunk, 'standard', [{ offset: 4, kept: ['what', 'who'] }])
      await keys.puncture(chunk, 'standard', [{ offset: 4, kept: ['internal', 'who'] }])
      const after = await keys.secrets(chunk, 'standard')
      assert.deepEqual(
        ['internal', 'what', 'who'].map(name => after?.partSeed(4, name)),
        [undefined, undefined, before?.partSeed(4, 'who')],
      )
      assert.equal(after?.leaf(4), undefined)
      assert.equal(after?.leaf(5), before?.leaf(5))
    },
  },
  {
    title: 'destroys what 20,000 entries of a class have and keeps every third, in one call',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const chunk = 3_000_000
      await keys.chunkSeeds(chunk, ['standard'])
      const before = await keys.secrets(chunk, 'standard')
      const kept = Array.from({ length: 6_667 }, (_, i) => 3 * i)
      await keys.destroyClass(chunk, 'standard', kept)
      const after = await keys.secrets(chunk, 'standard')
      for (let offset = 0; offset < 20_000; offset++)
        assert.equal(after?.leaf(offset), offset % 3 === 0 ? before?.leaf(offset) : undefined)
    },
  },
  {
    title: 'a destroyed class is never made again, and neither is one destroyed before it was made',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      await keys.chunkSeeds(4_000_000, ['standard', 'ledger'])
      for (const name of ['standard', 'brief']) {
        await keys.destroyClass(4_000_000, name, [])
        assert.equal((await keys.chunkSeeds(4_000_000, [name])).get(name), undefined)
        assert.equal(await keys.secrets(4_000_000, name), undefined)
      }
      assert.notEqual((await keys.chunkSeeds(4_000_000, ['ledger'])).get('ledger'), undefined)
      assert.equal(await keys.secrets(4_000_000, 'never'), undefined)
    },
  },
  {
    title:
      'a person whose key was retired or destroyed gets a fresh one, and the tag of a person never changes',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      const [person] = [{ type: 'user', id: 'again' }]
      assert.equal(await keys.subject(person as Person), undefined)
      const tag = keys.tagOf(person as Person)
      const seen = new Set<string>()
      for (const how of ['retire', 'destroy', 'both', 'retire', 'both']) {
        const [key] = await keys.subjectKeys([person as Person])
        assert.equal(key?.tag, tag)
        assert.ok(!seen.has(key.id), 'a fresh key')
        seen.add(key.id)
        if (how !== 'destroy') await keys.retire([person as Person])
        if (how !== 'retire') await keys.destroySubjects([key.id])
        assert.equal(await keys.subject(person as Person), undefined)
        assert.deepEqual((await keys.subjectsById([key.id])).get(key.id), how === 'retire' ? key : undefined)
      }
      assert.equal(keys.tagOf(person as Person), tag)
    },
  },
  {
    title: 'remembers how far authorities were carried out, and never less',
    async prove(bench) {
      const { keys } = await bench.commonStore()
      assert.equal(await keys.applied(), 0)
      for (const [given, expected] of [
        [12, 12],
        [7, 12],
        [4_000_000_000, 4_000_000_000],
      ] as const) {
        await keys.setApplied(given)
        assert.equal(await keys.applied(), expected)
      }
    },
  },
]

async function newModel(keys: KeyStore, chunk: number): Promise<KeyModel> {
  const model = new KeyModel()
  for (const [i, retention] of ['standard', 'ledger', 'constructor'].entries())
    await model.addClass(keys, chunk + (i % 2), retention, OFFSETS)
  await model.addPersons(keys, PERSONS.slice(0, 4))
  return model
}
