import assert from 'node:assert/strict'
import {
  cosignatureVerifier,
  ed25519Verifier,
  type NoteVerifier,
  openCheckpoint,
  proveConsistency,
} from '@annals/tlog'
import { sha256Bytes } from '../../log/digest.ts'
import { verifyEd25519 } from '../../log/signer.ts'
import type { Store } from '../../log/store.ts'
import { treeReader } from '../../log/tree-reader.ts'
import { AnnalsError } from '../../model/index.ts'
import { appendHistory } from './history.ts'
import type { Law } from './law.ts'
import { rootOf } from './root-of.ts'
import type { SampleLog } from './sample-log.ts'
import { variedDrafts } from './varied-drafts.ts'

export const CHECKPOINT_LAWS: readonly Law[] = [
  {
    title: 'signs a growing tree so that its published keys verify it',
    async prove(bench) {
      const log = await bench.commonLog()
      for (let seed = 1; seed <= 4; seed++) {
        await appendHistory(log, 90, seed)
        const note = await sign(log)
        const opened = await openCheckpoint(note, log.store.identity.origin, ...verifiersOf(log.store))
        assert.equal(opened.size, log.size)
        assert.deepEqual(Buffer.from(opened.root), Buffer.from(rootOf(log.written)))
        assert.equal((await log.store.signer.head())?.size, log.size)
      }
    },
  },
  {
    title: 'never signs a smaller tree, or one that does not extend the last',
    async prove(bench) {
      const log = await bench.commonLog()
      await appendHistory(log, 100, 5)
      await sign(log)
      const { signer } = log.store
      const { size } = log
      const smaller = rootOf(log.written.slice(0, size - 1))
      const prove = (old: number): ReturnType<typeof proveConsistency> =>
        proveConsistency(sha256Bytes, old, log.size, treeReader(log.store.log, log.size))
      const rolledBack = (error: unknown): boolean =>
        error instanceof AnnalsError && error.code === 'ANNALS_ROLLBACK'
      await assert.rejects(() => signer.sign(size - 1, smaller, prove), rolledBack)
      await assert.rejects(() => signer.sign(size, smaller, async () => []), rolledBack)
      await appendHistory(log, 10, 6)
      await assert.rejects(() => signer.sign(log.size, smaller, prove), rolledBack)
      assert.equal((await signer.head())?.size, size)
      await sign(log)
    },
  },
  {
    title: 'publishes one checkpoint after the other',
    async prove(bench) {
      const log = await bench.commonLog()
      for (const draft of variedDrafts(20, 7)) {
        await log.append([draft])
        await log.store.log.publish(await sign(log))
      }
    },
  },
  {
    title: 'returns the last published checkpoint at opening, and remembers what it signed',
    needs: 'persistence',
    async prove(bench) {
      let log = await bench.log()
      for (let seed = 1; seed <= 2; seed++) {
        await appendHistory(log, 60, seed)
        await log.store.log.publish(await sign(log))
        const note = await sign(log)
        await log.store.log.publish(note)
        const { vkey, cosignerVkey } = log.store.signer
        const signed = await log.store.signer.head()
        const unsigned = seed === 1 ? 0 : 5
        if (unsigned > 0) await appendHistory(log, unsigned, seed + 10)
        log = await log.again(bench)
        assert.deepEqual(Buffer.from(log.head.checkpoint ?? []), Buffer.from(note))
        assert.equal(log.store.signer.vkey, vkey)
        assert.equal(log.store.signer.cosignerVkey, cosignerVkey)
        const remembered = await log.store.signer.head()
        assert.equal(remembered?.size, signed?.size)
        assert.deepEqual(Buffer.from(remembered?.root ?? []), Buffer.from(signed?.root ?? []))
      }
    },
  },
]

async function sign(log: SampleLog): Promise<Uint8Array> {
  const { size, store } = log
  return await store.signer.sign(size, rootOf(log.written), old =>
    proveConsistency(sha256Bytes, old, size, treeReader(store.log, size)),
  )
}

function verifiersOf({ signer }: Store): [log: readonly NoteVerifier[], witnesses: readonly NoteVerifier[]] {
  return [
    [ed25519Verifier(sha256Bytes, signer.vkey, verifyEd25519)],
    [cosignatureVerifier(sha256Bytes, signer.cosignerVkey, verifyEd25519)],
  ]
}
