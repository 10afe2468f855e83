import { parentPort, workerData } from 'node:worker_threads'
import { forgetRemembered } from '../../../query/index.ts'
import { layoutOf } from '../layout.ts'
import { SharedState } from '../shared-state.ts'
import { Indexer } from './indexer.ts'

/** How long the index lets events gather when it is up to date, in milliseconds: batches make it cheap. */
const GATHER_MS = 25
/** How long it waits after a failure before it begins again from what is written, in milliseconds. */
const RETRY_MS = 1_000

const { dir, shared } = workerData as {
  readonly dir: string
  readonly shared: SharedArrayBuffer
}
const state = new SharedState(shared)
let indexer = new Indexer(layoutOf(dir).chunks)
const idle = new Int32Array(new SharedArrayBuffer(4))

/** Works while there is work; a failure is told and work begins anew. */
function work(): void {
  try {
    for (let more = true; more && !state.indexingHeld; state.indexed = indexer.next)
      more = indexer.step(state.read())
  } catch (error) {
    parentPort?.postMessage(error instanceof Error ? error : new Error(String(error)))
    indexer.close()
    Atomics.wait(idle, 0, 0, RETRY_MS)
    indexer = new Indexer(layoutOf(dir).chunks)
  }
}

/** Lets go of every file as long as somebody changes what indexes are made from. */
function rest(): void {
  indexer.close()
  forgetRemembered()
  state.restIndexing()
  indexer = new Indexer(layoutOf(dir).chunks)
}

state.restIndexing()
for (let seen = 0; !state.stopping; ) {
  if (state.indexingHeld) rest()
  work()
  seen = state.wait(seen, RETRY_MS)
  if (!state.stopping) Atomics.wait(idle, 0, 0, GATHER_MS)
}
if (state.indexingHeld) rest()
work()
indexer.close()
state.indexingEnded()
