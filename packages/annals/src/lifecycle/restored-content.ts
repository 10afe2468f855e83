import type { Chunk, PartPlace } from '../log/log-store.ts'
import type { Store } from '../log/store.ts'
import { AUTHORITY_QUERY, readAuthority } from './authority.ts'
import { foundEvents } from './found-events.ts'
import { recordsAt } from './records-at.ts'
import type { RetentionAuthority } from './retention-authority.ts'

/**
 * Whether a chunk holds content again that an authority below a position had removed: files of an older copy were put back.
 * Files of a chunk only go forward, so what the newest authority removed from each chunk tells for all before it.
 */
export async function contentCameBack(store: Pick<Store, 'log' | 'search'>, below: number): Promise<boolean> {
  if (below === 0) return false
  const chunks = await store.log.chunks()
  const erased = new Map<number, PartPlace>()
  const expired = new Map<string, RetentionAuthority>()
  for await (const page of foundEvents(store.search, AUTHORITY_QUERY, [0, below])) {
    for (const event of page) {
      const authority = readAuthority(event)
      if (authority?.kind === 'retention') {
        const { retention } = authority
        expired.set(`${retention.chunk}/${retention.class}`, retention)
      }
      for (const part of authority?.kind === 'erasure' ? authority.erasure.parts : []) {
        const chunk = chunkAt(chunks, part[0])
        if (chunk !== undefined) erased.set(chunk.lo, part)
      }
    }
  }
  return (
    (await holdsAny(store, [...erased.values()])) || (await holdsExpired(store, chunks, expired.values()))
  )
}

async function holdsAny({ log }: Pick<Store, 'log'>, places: readonly PartPlace[]): Promise<boolean> {
  const names = new Map(places)
  const positions = [...names.keys()].sort((a, b) => a - b)
  for await (const { index, record } of recordsAt(log, positions)) {
    const part = record.parts.find(({ name }) => name === names.get(index))
    if (part !== undefined && part.bytes !== null) return true
  }
  return false
}

async function holdsExpired(
  { search }: Pick<Store, 'search'>,
  chunks: readonly Chunk[],
  authorities: Iterable<RetentionAuthority>,
): Promise<boolean> {
  for (const { chunk: lo, class: retention, ranges } of authorities) {
    const chunk = chunks.find(one => one.lo === lo)
    if (chunk === undefined || chunk.state === 'dropped') continue
    const [from, to] = ranges === undefined ? [chunk.lo, chunk.hi] : (ranges[0] ?? [0, 0])
    const query = `retention:${retention}`
    if ((await foundEvents(search, query, [from, to]).next()).done !== true) return true
  }
  return false
}

/** The chunk that holds a position; chunks are in order. */
function chunkAt(chunks: readonly Chunk[], index: number): Chunk | undefined {
  let lo = 0
  let hi = chunks.length
  while (lo < hi) {
    const middle = Math.floor((lo + hi) / 2)
    if ((chunks[middle] as Chunk).hi <= index) lo = middle + 1
    else hi = middle
  }
  const chunk = chunks[lo]
  return chunk !== undefined && chunk.lo <= index ? chunk : undefined
}
