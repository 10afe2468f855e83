import type { Chunk } from '../log/log-store.ts'
import { countAll } from '../query/index.ts'
import type { ActContext } from './act.ts'
import { readAuthority } from './authority.ts'
import { ownEntries } from './own-entries.ts'
import { isLapsed, type RetentionAuthority } from './retention-authority.ts'

/** Entries by class. */
export type ClassCounts = ReadonlyMap<string, number>

/**
 * Entries of each class that the chunks still have, or their archived copies when they were dropped: those of then, less what
 * retention has removed since. Classes of which nothing is left are left out.
 */
export async function leftIn(
  { store }: ActContext,
  chunks: readonly Chunk[],
): Promise<ReadonlyMap<number, ClassCounts>> {
  const authorities = new Map<string, RetentionAuthority[]>()
  for await (const event of ownEntries(store.search, 'log.retention')) {
    const authority = readAuthority(event)
    if (authority?.kind !== 'retention') continue
    const { retention } = authority
    const key = `${retention.chunk} ${retention.class}`
    authorities.set(key, [...(authorities.get(key) ?? []), retention])
  }
  const left = new Map<number, ClassCounts>()
  for (const { lo, hi } of chunks) {
    const counts = new Map<string, number>()
    for (const [name, count] of await classCounts(store, lo, hi)) {
      const carriedOut = (authorities.get(`${lo} ${name}`) ?? []).filter(one => !isLapsed(one, hi))
      const rest = carriedOut.reduce((sum, { entries }) => sum - entries, count)
      if (rest > 0) counts.set(name, rest)
    }
    left.set(lo, counts)
  }
  return left
}

/** Entries of each class when the chunk was sealed, or now when it is not. */
async function classCounts(
  { log, search }: ActContext['store'],
  lo: number,
  hi: number,
): Promise<readonly (readonly [name: string, count: number])[]> {
  const manifest = await log.manifest(lo)
  if (manifest !== undefined)
    return Object.entries(manifest.classes).map(([name, { count }]) => [name, count])
  const asked = { query: '', now: 0, timeZone: 'UTC', includeLog: true, from: lo, to: hi }
  const { groupings } = await countAll(search, asked, [['retention']])
  return (groupings[0]?.groups ?? []).map(({ values, count }) => [values[0] as string, count])
}
