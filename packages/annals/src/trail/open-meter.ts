import type { LiveSource } from '../follow/feed.ts'
import type { ReadableStore } from '../log/readable-store.ts'
import type { Store } from '../log/store.ts'
import { Meter } from '../measure/index.ts'

/** Name under which the counts of a log are kept. */
const NAME = 'metrics'

/**
 * The meter of a log that this process writes: it is told of what becomes durable.
 *
 * @param now the clock, ms since the epoch
 */
export function meterOfWriter(
  { log, search, keys, derived }: Store,
  live: LiveSource,
  now: () => number,
  report: (error: Error) => void,
): Meter {
  return new Meter({
    log: {
      size: () => live.size(),
      read: (from, to) => log.read(from, to),
      hashes: tile => log.hashes(tile),
      positionAt: time => search.positionAt(time),
    },
    pepper: keys.pepper,
    kept: derived && { load: () => derived.load(NAME), save: bytes => derived.save(NAME, bytes) },
    now,
    report,
  })
}

/** The meter of a log that another process may write: it looks what there is when it is asked, and keeps nothing. */
export function meterOfReader(store: ReadableStore, live: LiveSource, pepper: Uint8Array | undefined): Meter {
  return new Meter({
    log: {
      size: () => live.size(),
      read: (from, to) => store.read(from, to),
      hashes: tile => store.hashes(tile),
      positionAt: time => store.search.positionAt(time),
    },
    pepper,
    kept: { load: () => store.derived.load(NAME) },
    now: Date.now,
    // Whoever asks is told.
    report: () => {},
    onGrowth(wake) {
      const tap = live.tap(() => false, wake)
      return () => tap.close()
    },
  })
}
