import { setTimeout as delay } from 'node:timers/promises'
import { ed25519Verifier, openCheckpoint } from '@annals/tlog'
import { describe, expect, it } from 'vitest'
import type { AnnalsError } from '../model/index.ts'
import { Checkpointer } from './checkpointer.ts'
import { digestBytes, sha256Bytes } from './digest.ts'
import { LeafTree } from './leaf-tree.ts'
import { type Lab, lab } from './sequencer.test-support.ts'
import { verifyEd25519 } from './signer.ts'

async function made(): Promise<
  Lab & { checkpointer: Checkpointer; errors: AnnalsError[]; sizes(): Promise<number> }
> {
  const one = await lab()
  const errors: AnnalsError[] = []
  const checkpointer = new Checkpointer(one.store, one.tree, undefined, error => errors.push(error))
  return {
    ...one,
    checkpointer,
    errors,
    get tree() {
      return one.tree
    },
    set tree(tree) {
      one.tree = tree
    },
    async sizes() {
      const verifier = ed25519Verifier(sha256Bytes, one.store.signer.vkey, verifyEd25519)
      const opened = await openCheckpoint(checkpointer.latest!, one.store.identity.origin, [verifier])
      expect(Buffer.from(opened.root).equals(digestBytes(new LeafTree(one.tree).root()))).toBe(true)
      return opened.size
    },
  }
}

describe('Checkpointer', () => {
  it('a durable entry is under a signed checkpoint within a second or so, many under one', async () => {
    const one = await made()
    for (let i = 0; i < 20; i++) {
      await one.submit({ action: 'a' })
      one.checkpointer.grew(one.tree)
    }
    expect(one.checkpointer.latest).toBeUndefined()
    await delay(1_100)
    expect(await one.sizes()).toBe(20)
    await one.checkpointer.close()
  })

  it('a failure is reported and tried again until it succeeds', async () => {
    const one = await made()
    await one.submit({ action: 'a' })
    let failures = 2
    one.log.beforePublish = () => {
      if (failures-- > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    one.checkpointer.grew(one.tree)
    await delay(3_300)
    expect(one.errors.map(error => error.code)).toEqual(['ANNALS_DISK_FULL', 'ANNALS_DISK_FULL'])
    expect(await one.sizes()).toBe(1)
    await one.checkpointer.close()
  })

  it('publish is at once, in order, and idle when nothing is new', async () => {
    const one = await made()
    await one.submit({ action: 'a' })
    one.checkpointer.grew(one.tree)
    await Promise.all([one.checkpointer.publish(), one.checkpointer.publish()])
    expect(await one.sizes()).toBe(1)
    const latest = one.checkpointer.latest
    await one.checkpointer.publish()
    expect(one.checkpointer.latest).toBe(latest)
    expect(one.checkpointer.size).toBe(1)
    await one.checkpointer.close()
  })

  it('P5: close leaves a checkpoint over everything, and nothing runs after it, though a failing one was under way', async () => {
    const one = await made()
    await one.submit({ action: 'a' })
    const held = Promise.withResolvers<void>()
    let calls = 0
    one.log.beforePublish = async () => {
      if (++calls === 1) await held.promise
    }
    one.checkpointer.grew(one.tree)
    await delay(1_050)
    expect(calls).toBe(1)
    await one.submit({ action: 'a' })
    one.checkpointer.grew(one.tree)
    const closing = one.checkpointer.close()
    held.reject(new Error('EIO'))
    await closing
    expect(await one.sizes()).toBe(2)
    expect(one.errors).toHaveLength(1)
    await delay(1_100)
    expect(calls).toBe(2)
    expect(one.errors).toHaveLength(1)
  })

  it('P5: when the last checkpoint cannot be published either, close says so and nothing is tried after it', async () => {
    const one = await made()
    await one.submit({ action: 'a' })
    let calls = 0
    one.log.beforePublish = async () => {
      calls++
      await delay(20)
      throw new Error('EIO')
    }
    one.checkpointer.grew(one.tree)
    await delay(1_010)
    expect(calls).toBe(1)
    await expect(one.checkpointer.close()).rejects.toThrow('EIO')
    await delay(1_100)
    expect(calls).toBe(2)
  })

  it('close of an empty log that was never written signs nothing', async () => {
    const one = await made()
    await one.checkpointer.close()
    expect(one.checkpointer.latest).toBeUndefined()
  })
})
