import { createSecretKey } from 'node:crypto'
import { AnnalsError } from '../model/index.ts'
import { hashValue } from '../policy/index.ts'

/** Options of {@link hashLookup}. */
export interface HashLookupOptions {
  /** Directory of the log. */
  readonly dir: string
  /** The value as it was before it was masked. */
  readonly value: string
  /** Name of the period whose key is used, such as `2026-05`. @defaultValue the key that never changes */
  readonly period?: string | undefined
}

/**
 * What stands in the events of a log where a value was masked by its keyed hash: search for it to find them.
 *
 * @throws AnnalsError ANNALS_NOT_FOUND when there is no log, ANNALS_KEYS when its keys are not there; TypeError for a period that is none
 * @example
 * ```ts
 * const hash = await hashLookup({ dir: './annals-data', value: 'alice@example.com' })
 * ```
 */
export async function hashLookup({ dir, value, period }: HashLookupOptions): Promise<string> {
  if (period !== undefined && !/^\d{4}(?:-\d\d){0,2}$/.test(period))
    throw new TypeError(`period ${JSON.stringify(period)}: a year, month or day, such as 2026-05`)
  const { openEmbeddedReader } = await import('../stores/embedded/index.ts')
  const store = await openEmbeddedReader({ dir })
  try {
    const pepper = await store.pepper()
    if (pepper === undefined) {
      throw new AnnalsError('ANNALS_KEYS', 'The keys of the log are not there.', {
        hint: 'Hashes are made with them: ask where the log is written.',
      })
    }
    return hashValue(createSecretKey(pepper), value, period)
  } finally {
    await store.close()
  }
}
