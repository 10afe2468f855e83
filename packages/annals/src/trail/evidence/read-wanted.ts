import type { Positioned } from '../../log/log-store.ts'
import type { Wanted } from './positions.ts'

/** Positions that are read together. */
const MOST_TOGETHER = 256
/** A hole of so many positions is read over: cheaper than beginning anew. */
const HOLE = 16

/** A wanted position with its record. */
export interface WantedRecord extends Wanted {
  readonly record: Positioned['record']
}

/** Reads the records of ascending positions, those that lie close together in one go. */
export async function* readWanted(
  read: (from: number, to: number) => AsyncIterable<readonly Positioned[]>,
  wanted: AsyncIterable<Wanted>,
): AsyncGenerator<WantedRecord, void> {
  let run: Wanted[] = []
  for await (const one of wanted) {
    const last = run.at(-1)
    if (last !== undefined && (one.index - last.index > HOLE || run.length === MOST_TOGETHER)) {
      yield* readRun(read, run)
      run = []
    }
    run.push(one)
  }
  yield* readRun(read, run)
}

async function* readRun(
  read: (from: number, to: number) => AsyncIterable<readonly Positioned[]>,
  run: readonly Wanted[],
): AsyncGenerator<WantedRecord, void> {
  const [first] = run
  const last = run.at(-1)
  if (first === undefined || last === undefined) return
  let at = 0
  for await (const batch of read(first.index, last.index + 1)) {
    for (const { index, record } of batch) {
      const wanted = run[at]
      if (wanted?.index !== index) continue
      at++
      yield { ...wanted, record }
    }
  }
}
