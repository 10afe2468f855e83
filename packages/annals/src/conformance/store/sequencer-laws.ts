import assert from 'node:assert/strict'
import { Frontier, leafHash } from '@annals/tlog'
import { sha256Bytes } from '../../log/digest.ts'
import { Item, type Waiter } from '../../log/item.ts'
import type { TreeMark } from '../../log/leaf-tree.ts'
import { readRecord } from '../../log/record-bytes.ts'
import { Sequencer } from '../../log/sequencer.ts'
import type { Draft } from '../../model/index.ts'
import { admitted } from './admitted.ts'
import { readAll } from './held.ts'
import type { Law } from './law.ts'
import { rootOfMark } from './root-of.ts'
import { variedDrafts } from './varied-drafts.ts'

export const SEQUENCER_LAWS: readonly Law[] = [
  {
    title: 'records what is submitted at once, in order, each answered once',
    async prove(bench) {
      const store = await bench.open()
      const head = await store.log.open()
      const drafts: Draft[] = variedDrafts(3_000, 91).map(({ id: _, source: __, ...draft }) => draft)
      const answers = new Map<Item, number>()
      let tree: TreeMark = head.tree
      const sequencer = new Sequencer(store, head, {
        durable: (_, mark) => {
          tree = mark
        },
        clockJumped: () => {},
        notAwaited: () => {},
        chunkEnded: async () => {},
        duplicate: () => Promise.reject(new Error('no event has a key')),
      })
      const settled = (): Waiter => ({
        recorded: item => answers.set(item, (answers.get(item) ?? 0) + 1),
        refused: (_, error) => assert.fail(error),
      })
      const items = drafts.map(
        draft =>
          new Item(
            admitted(draft, Date.now(), () => assert.fail('no draft has a key')),
            settled(),
            0,
            performance.now(),
          ),
      )
      for (const item of items) sequencer.submit(item)
      await sequencer.settled()
      await sequencer.close()
      assert.deepEqual(
        items.map(item => [item.index, answers.get(item)]),
        items.map((_, index) => [index, 1]),
      )
      const held = await readAll(store, 0, 10_000)
      assert.equal(held.length, items.length)
      const frontier = new Frontier(sha256Bytes)
      for (const { bytes } of held) frontier.append(leafHash(sha256Bytes, readRecord(bytes, 0, 'all').entry))
      assert.equal(tree.size, held.length)
      assert.deepEqual(Buffer.from(rootOfMark(tree)), Buffer.from(frontier.root()))
      for (const item of [items[0], items[1_499], items[2_999]]) {
        assert.equal(await store.search.position(item?.id ?? ''), item?.index)
      }
    },
  },
]
