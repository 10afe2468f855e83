import { ownEntries } from '../lifecycle/own-entries.ts'
import { isPlain } from '../model/index.ts'
import type { SearchIndex } from '../query/index.ts'

/** The chunk period that a log states last: at its beginning, or where it was changed. */
export async function statedPeriod(index: SearchIndex): Promise<string | undefined> {
  for (const action of ['log.policy', 'log.open'] as const) {
    for await (const { data } of ownEntries(index, action, 'desc')) {
      const period = isPlain(data) ? data['period'] : undefined
      if (typeof period === 'string') return period
    }
  }
  return undefined
}
