import type { Chunk, PartPlace } from '../log/log-store.ts'
import type { ActContext } from './act.ts'
import { type ClassEntry, classEntries } from './class-entries.ts'
import { isWithin, rangesOf } from './ranges.ts'
import { isLapsed, type RetentionAuthority } from './retention-authority.ts'

/** Parts that holders of copies are told of at a time. */
const TOLD = 10_000

/**
 * Carries out what `log.retention` entries order for one chunk: thins the entries, then destroys the secrets of their classes but for
 * those of entries that stay. Again, it does nothing. The entries must be durable and under a signed checkpoint.
 */
export async function applyRetention(
  { store, erased }: Pick<ActContext, 'store' | 'erased'>,
  lo: number,
  ordered: readonly RetentionAuthority[],
): Promise<void> {
  const chunk = (await store.log.chunks()).find(one => one.lo === lo)
  if (chunk === undefined || chunk.state === 'open') return
  const authorities = ordered.filter(authority => !isLapsed(authority, chunk.hi))
  if (authorities.length === 0) return
  // A copy from before the sealing may have been restored.
  if (chunk.state === 'closed') await store.log.seal(lo)
  const { gone, parts, staying } = await divide(store.log, chunk, authorities)
  if (gone.length > 0) await store.log.thin(lo, rangesOf(gone))
  for (let at = 0; at < parts.length; at += TOLD) erased(parts.slice(at, at + TOLD))
  for (const [name, offsets] of staying) await store.keys.destroyClass(lo, name, offsets)
}

/** Divides the entries of the chunk into those that go and, by class, those that stay. */
async function divide(
  log: ActContext['store']['log'],
  { lo, hi }: Chunk,
  authorities: readonly RetentionAuthority[],
): Promise<{ gone: number[]; parts: PartPlace[]; staying: ReadonlyMap<string, number[]> }> {
  const gone: number[] = []
  const parts: PartPlace[] = []
  const staying = new Map<string, number[]>(authorities.map(authority => [authority.class, []]))
  for await (const one of classEntries(log, lo, hi)) {
    const offsets = staying.get(one.retention)
    if (offsets === undefined) continue
    if (authorities.some(authority => means(authority, one))) {
      gone.push(one.index)
      for (const { name } of one.record.parts) parts.push([one.index, name])
    } else offsets.push(one.index - lo)
  }
  return { gone, parts, staying }
}

function means({ class: name, ranges }: RetentionAuthority, { retention, index }: ClassEntry): boolean {
  return name === retention && (ranges === undefined || isWithin(ranges, index))
}
