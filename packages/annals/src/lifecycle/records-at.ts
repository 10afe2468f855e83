import type { LogStore, Positioned } from '../log/log-store.ts'

/** Positions this close are read in one go: a round trip costs more than the records between them. */
const NEAR = 256
/** Most positions from the first to the last of one go. */
const SPAN = 65_536

/** The records at these ascending positions, in order. */
export async function* recordsAt(
  log: Pick<LogStore, 'read'>,
  positions: readonly number[],
): AsyncGenerator<Positioned, void, undefined> {
  for (let start = 0; start < positions.length; ) {
    const first = positions[start] as number
    let end = start + 1
    while (
      end < positions.length &&
      (positions[end] as number) - (positions[end - 1] as number) <= NEAR &&
      (positions[end] as number) - first < SPAN
    ) {
      end++
    }
    const wanted = new Set(positions.slice(start, end))
    for await (const batch of log.read(first, (positions[end - 1] as number) + 1))
      for (const one of batch) if (wanted.has(one.index)) yield one
    start = end
  }
}
