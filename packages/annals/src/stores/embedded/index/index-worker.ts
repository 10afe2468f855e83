import { workerData } from 'node:worker_threads'
import { layoutOf } from '../layout.ts'
import { SharedState } from '../shared-state.ts'
import { Indexer } from './indexer.ts'

/** How long the index lets events gather when it is up to date, in milliseconds: batches make it cheap. */
const GATHER_MS = 25

const { dir, shared, trusted } = workerData as {
  readonly dir: string
  readonly shared: SharedArrayBuffer
  readonly trusted: boolean
}
const state = new SharedState(shared)
const indexer = new Indexer(layoutOf(dir).chunks, trusted)

let seen = 0
while (!state.stopping) {
  const more = indexer.step(state.size, state.segment)
  state.indexed = indexer.next
  if (!more) {
    seen = state.wait(seen, 60_000)
    if (!state.stopping) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, GATHER_MS)
  }
}
while (indexer.step(state.size, state.segment)) state.indexed = indexer.next
state.indexed = indexer.next
indexer.close()
