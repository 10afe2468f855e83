import { randomBytes } from 'node:crypto'
import { isKeyName } from '@annals/tlog'
import { PERIODS } from '../../log/period.ts'
import { generateSignerKeys, LocalSigner } from '../../log/signer.ts'
import type { Period, Store } from '../../log/store.ts'
import { MemoryHead } from './memory-head.ts'
import { MemoryKeys } from './memory-keys.ts'
import { MemoryLog } from './memory-log.ts'
import { MemorySearch } from './memory-search.ts'

/** Options of {@link openMemory}. */
export interface MemoryOptions {
  /** Name of the log in its checkpoints. @defaultValue `annals.local/` and twelve random hex digits */
  readonly origin?: string | undefined
  /** Chunk period, UTC. @defaultValue `day` */
  readonly period?: Period | undefined
  /** The clock that cosignatures are dated by, ms since the epoch, for tests and simulations. @defaultValue Date.now */
  readonly clock?: (() => number) | undefined
}

/**
 * Opens a new, empty store in memory, for tests and for programs that keep nothing. Everything is real (records, tree, keys,
 * signatures, searches), and everything is gone with it.
 *
 * @throws TypeError for an origin or period that no log can have
 * @example
 * ```ts
 * const store = await openMemory({ origin: 'example.com/test' })
 * ```
 */
export async function openMemory(options: MemoryOptions = {}): Promise<Store> {
  const {
    origin = `annals.local/${randomBytes(6).toString('hex')}`,
    period = 'day',
    clock = Date.now,
  } = options
  if (!isKeyName(origin))
    throw new TypeError(`origin ${JSON.stringify(origin)}: no text without space and "+"`)
  if (!PERIODS.includes(period))
    throw new TypeError(`period ${JSON.stringify(period)}: one of ${PERIODS.join(', ')}`)
  const keys = new MemoryKeys()
  const log = new MemoryLog({ origin, period }, keys)
  let applied = 0
  return {
    supports: { persistence: false },
    identity: { origin, period, source: `${randomBytes(8).toString('hex')}/1` },
    log,
    search: new MemorySearch(log),
    keys,
    signer: new LocalSigner(origin, generateSignerKeys(), new MemoryHead(), () =>
      Math.floor(clock() / 1_000),
    ),
    async applied() {
      return applied
    },
    async setApplied(position) {
      applied = Math.max(applied, position)
    },
    erasures: () => log.erasures,
    async close() {
      log.close()
    },
  }
}
