import assert from 'node:assert/strict'
import { isKeyName, parseVerifierKey } from '@annals/tlog'
import { sha256Bytes } from '../../log/digest.ts'
import { PERIODS } from '../../log/period.ts'
import { countAll } from '../../query/index.ts'
import { readAll } from './held.ts'
import type { Law } from './law.ts'

export const IDENTITY_LAWS: readonly Law[] = [
  {
    title: 'says what it supports',
    async prove(bench) {
      assert.deepEqual((await bench.commonStore()).supports, bench.supports)
    },
  },
  {
    title: 'has an origin, a period, a source and keys to verify with',
    async prove(bench) {
      const { identity, signer, keys } = await bench.commonStore()
      assert.ok(isKeyName(identity.origin), identity.origin)
      assert.ok(PERIODS.includes(identity.period))
      assert.match(identity.source, /^[0-9a-f]{16}\/(0|[1-9][0-9]*)$/)
      assert.equal(signer.origin, identity.origin)
      assert.equal(parseVerifierKey(sha256Bytes, signer.vkey).name, identity.origin)
      assert.notEqual(signer.cosignerVkey, signer.vkey)
      assert.equal(keys.pepper.length, 32)
    },
  },
  {
    title: 'begins empty',
    async prove(bench) {
      const { store, head } = await bench.commonLog()
      assert.deepEqual(head, {
        tree: { size: 0, frontier: [] },
        lastTime: 0,
        lastId: undefined,
        chunk: undefined,
        checkpoint: undefined,
        notices: [],
      })
      assert.deepEqual(await readAll(store, 0, 10), [])
      const search = { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: 0, to: 10 }
      assert.deepEqual((await store.search.find(search, 'asc', 10)).events, [])
      const none = { total: 0, groupings: [{ groups: [], other: 0 }], stoppedAt: undefined }
      assert.deepEqual(await countAll(store.search, search, [['action']]), none)
      assert.equal(await store.search.position('01924f5e-0000-7000-8000-000000000000'), undefined)
      assert.equal(await store.search.positionAt(0), 0)
      assert.deepEqual(await store.search.keyed(['a']), [undefined])
      assert.equal(await store.signer.head(), undefined)
    },
  },
  {
    title: 'two stores share no secret',
    async prove(bench) {
      const [a, b] = [await bench.commonStore(), await bench.open()]
      assert.notDeepEqual(Buffer.from(a.keys.pepper), Buffer.from(b.keys.pepper))
      assert.notEqual(a.signer.vkey, b.signer.vkey)
      assert.notEqual(a.identity.source, b.identity.source)
      const person = { type: 'user', id: 'alice' }
      const [[ka], [kb]] = [await a.keys.subjectKeys([person]), await b.keys.subjectKeys([person])]
      assert.notEqual(ka?.key, kb?.key)
      assert.notEqual(ka?.tag, kb?.tag)
    },
  },
]
